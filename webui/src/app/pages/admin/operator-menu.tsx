import { ActionIcon, Menu } from '@mantine/core'
import { messageOf } from '@/api/errors'
import type { OperatorRead } from '@/api/types'
import { useOperatorAct } from '@/features/operators/api'
import { Icon } from '@/ui/icons'
import { notify } from '@/ui/notify'

export type OperatorWish = 'role' | 'disable' | 'remove'

/** What may be done with an operator. */
export function OperatorMenu({ operator, onAsk }: { operator: OperatorRead; onAsk: (what: OperatorWish) => void }) {
  const enabling = useOperatorAct()
  const id = `operator-${operator.id}`
  const enable = () => {
    enabling.mutate(
      { what: 'change', id: operator.id, disabled: false },
      {
        onSuccess: () => {
          notify('ok', `${operator.name} is enabled`, 'They may sign in again.')
        },
        onError: (error) => {
          notify('bad', 'Nothing was changed', messageOf(error))
        },
      },
    )
  }
  return (
    <Menu id={`${id}-menu`} position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={`What to do with ${operator.name}`} loading={enabling.isPending}>
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item id={`${id}-change-role`} leftSection={<Icon name="key" size={16} />} onClick={() => { onAsk('role') }}>
          Change the role
        </Menu.Item>
        {operator.state === 'disabled' ? (
          <Menu.Item id={`${id}-enable`} leftSection={<Icon name="check" size={16} />} onClick={enable}>
            Enable
          </Menu.Item>
        ) : (
          <Menu.Item id={`${id}-disable`} leftSection={<Icon name="blocked" size={16} />} onClick={() => { onAsk('disable') }}>
            Disable
          </Menu.Item>
        )}
        <Menu.Item id={`${id}-remove`} leftSection={<Icon name="trash" size={16} />} onClick={() => { onAsk('remove') }}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
