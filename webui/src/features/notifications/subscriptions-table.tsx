import { UnstyledButton } from '@mantine/core'
import type { ReactNode } from 'react'
import type { SubscriptionPage, SubscriptionRead } from '@/api/types'
import { useNow } from '@/lib/use-now'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './notifications.module.css'
import { askedWords, changesWords, resourceWords } from './words'

interface SubscriptionsTableProps {
  page: SubscriptionPage | undefined
  refreshing: boolean
  onOpen: (subscription: SubscriptionRead) => void
  onOffset: (offset: number) => void
  /** What may be done with one; without it the table is only read. */
  acts?: (subscription: SubscriptionRead) => ReactNode
}

/** What is watched: whether it works, until when, and when it told something last. */
export function SubscriptionsTable({ page, refreshing, onOpen, onOffset, acts }: SubscriptionsTableProps) {
  const columns: Column<SubscriptionRead>[] = [
    { key: 'resource', header: 'What is watched', cell: (one) => <Watched subscription={one} onOpen={onOpen} /> },
    { key: 'state', header: 'Status', width: '25%', cell: (one) => <State subscription={one} /> },
    { key: 'expires', header: 'Ends', width: '150px', cell: (one) => <Expiry at={one.expires_at} /> },
    { key: 'last', header: 'Last notification', width: '160px', minor: true, cell: (one) => (one.last_event_at === null ? <span className={classes.muted}>None yet</span> : <RelativeTime at={one.last_event_at} />) },
    ...(acts ? [{ key: 'acts', header: 'Actions', width: '92px', end: true, cell: acts }] : []),
  ]
  return (
    <DataTable
      id="subscriptions-table"
      label="Subscriptions"
      columns={columns}
      rows={page?.items}
      rowKey={(one) => one.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['subscription', 'subscriptions'] }}
    />
  )
}

function Watched({ subscription, onOpen }: { subscription: SubscriptionRead; onOpen: (subscription: SubscriptionRead) => void }) {
  const changes = changesWords(subscription.change_types)
  return (
    <div className={classes.words}>
      <UnstyledButton id={`subscription-${subscription.id}`} className={classes.open} data-row-link aria-haspopup="dialog" onClick={() => { onOpen(subscription) }}>
        <Truncate text={resourceWords(subscription.resource)} />
      </UnstyledButton>
      <Truncate text={subscription.include_resource_data ? `${changes}, with the data` : changes} className={classes.muted} />
    </div>
  )
}

function State({ subscription }: { subscription: SubscriptionRead }) {
  const asked = askedWords(subscription)
  return (
    <div className={classes.state} id={`subscription-${subscription.id}-state`}>
      <StateBadge state={subscription.state} quiet />
      {subscription.problem !== null ? (
        <Truncate text={subscription.problem.message} className={classes.bad} />
      ) : (
        asked !== null && <span className={classes.muted}>{asked}</span>
      )}
    </div>
  )
}

const SOON_MS = 6 * 3_600_000

/** When it ends at Microsoft. It is renewed at half of its life: what ends soon has missed that. */
export function Expiry({ at }: { at: string | null }) {
  const now = useNow(30_000)
  if (at === null) return <span className={classes.muted}>–</span>
  return (
    <span className={new Date(at).getTime() - now.getTime() < SOON_MS ? classes.late : undefined}>
      <RelativeTime at={at} />
    </span>
  )
}
