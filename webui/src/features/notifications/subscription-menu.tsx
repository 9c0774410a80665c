import { ActionIcon, Menu } from '@mantine/core'
import type { SubscriptionRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import type { SubscriptionAct } from './api'
import { isWanted } from './subscription-dialog'
import { resourceWords } from './words'

/** What may be done with a subscription, from its row. */
export function SubscriptionMenu({ subscription, onAct }: { subscription: SubscriptionRead; onAct: (subscription: SubscriptionRead, what: SubscriptionAct) => void }) {
  const id = `subscription-${subscription.id}`
  const act = (what: SubscriptionAct) => () => {
    onAct(subscription, what)
  }
  if (!isWanted(subscription)) return null
  return (
    <Menu id={`${id}-menu`} position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon aria-label={`What to do with ${resourceWords(subscription.resource)}`}>
          <Icon name="dots" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item id={`${id}-renew`} leftSection={<Icon name="retry" size={16} />} onClick={act('renew')}>
          Renew
        </Menu.Item>
        <Menu.Item id={`${id}-reauthorize`} leftSection={<Icon name="key" size={16} />} onClick={act('reauthorize')}>
          Authorise again
        </Menu.Item>
        <Menu.Item id={`${id}-resync`} leftSection={<Icon name="search" size={16} />} onClick={act('resync')}>
          Read what changed
        </Menu.Item>
        <Menu.Item id={`${id}-delete`} leftSection={<Icon name="blocked" size={16} />} onClick={act('delete')}>
          End it
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
