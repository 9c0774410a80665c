import { ActionIcon, Menu } from '@mantine/core'
import { messageOf } from '@/api/errors'
import type { ConnectionDetail } from '@/api/types'
import { useTest } from '@/features/connections/api'
import { Icon } from '@/ui/icons'
import { notify } from '@/ui/notify'

interface ConnectionMenuProps {
  connection: ConnectionDetail
  onAsk: (what: 'reconnect' | 'rename' | 'disconnect') => void
}

/** What may be done with a connection, from its row. */
export function ConnectionMenu({ connection, onAsk }: ConnectionMenuProps) {
  const { run, running } = useTestAloud(connection)
  const id = `connection-${connection.id}`
  const gone = connection.state === 'disconnected'
  return (
    <Menu id={`${id}-menu`} position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={running ? `Testing ${connection.title}` : `What to do with ${connection.title}`} loading={running}>
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item id={`${id}-test`} leftSection={<Icon name="done" size={16} />} disabled={gone} onClick={run}>
          Test
        </Menu.Item>
        <Menu.Item id={`${id}-reconnect`} leftSection={<Icon name="retry" size={16} />} onClick={() => { onAsk('reconnect') }}>
          Reconnect
        </Menu.Item>
        <Menu.Item id={`${id}-rename`} leftSection={<Icon name="pencil" size={16} />} onClick={() => { onAsk('rename') }}>
          Rename
        </Menu.Item>
        <Menu.Item id={`${id}-disconnect`} leftSection={<Icon name="blocked" size={16} />} disabled={gone} onClick={() => { onAsk('disconnect') }}>
          Disconnect
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Tests a connection and tells what came of it in a corner. */
export function useTestAloud(connection: ConnectionDetail) {
  const testing = useTest(connection.id)
  const run = () => {
    testing.mutate(undefined, {
      onSuccess: (test) => {
        if (test === null) notify('info', `${connection.title} is still being tested`, 'What comes of it will stand here.')
        else if (test.ok) notify('ok', `${connection.title} works`, test.message ?? 'The vendor answered as it should.')
        else notify('bad', `${connection.title} does not work`, test.message ?? 'The vendor refused.')
      },
      onError: (error) => {
        notify('bad', `${connection.title} was not tested`, messageOf(error))
      },
    })
  }
  return { run, running: testing.isPending }
}
