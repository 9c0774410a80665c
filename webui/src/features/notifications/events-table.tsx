import { Checkbox, UnstyledButton } from '@mantine/core'
import type { NotificationPage, NotificationRead, SubscriptionRead } from '@/api/types'
import { formatDuration, formatExact, formatMoment } from '@/lib/time'
import { useNow } from '@/lib/use-now'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import classes from './notifications.module.css'
import { eventWords, resourceWords } from './words'

interface EventsTableProps {
  page: NotificationPage | undefined
  refreshing: boolean
  /** What a notification is of; undefined when it is not known here. */
  of: (subscriptionId: string) => SubscriptionRead | undefined
  onOpen: (event: NotificationRead) => void
  onOffset: (offset: number) => void
  /** Which are chosen for a replay; without it nothing can be chosen. */
  chosen?: ReadonlySet<string>
  onChoose?: (id: string, on: boolean) => void
}

/** What arrived, newest first, and how far the work on it is. */
export function EventsTable({ page, refreshing, of, onOpen, onOffset, chosen, onChoose }: EventsTableProps) {
  const columns: Column<NotificationRead>[] = [
    {
      key: 'what',
      header: 'What arrived',
      cell: (event) => (
        <div className={classes.first}>
          {chosen && (
            <Checkbox
              id={`event-${event.id}-choose`}
              aria-label={`Choose ${eventWords(event, of(event.subscription_id))}, ${formatExact(new Date(event.received_at))}`}
              checked={chosen.has(event.id)}
              onChange={(change) => onChoose?.(event.id, change.currentTarget.checked)}
            />
          )}
          <div className={classes.words}>
            <UnstyledButton id={`event-${event.id}`} className={classes.open} data-row-link aria-haspopup="dialog" onClick={() => { onOpen(event) }}>
              <Truncate text={eventWords(event, of(event.subscription_id))} />
            </UnstyledButton>
            <Truncate text={resourceWords(of(event.subscription_id)?.resource ?? event.resource)} className={classes.muted} />
          </div>
        </div>
      ),
    },
    { key: 'state', header: 'State', width: '34%', cell: (event) => <State event={event} /> },
    { key: 'took', header: 'Done within', width: '120px', minor: true, cell: (event) => <Took event={event} /> },
    { key: 'at', header: 'Received', width: '150px', end: true, cell: (event) => <Moment at={event.received_at} /> },
  ]
  return (
    <DataTable
      id="events-table"
      label="What arrived"
      columns={columns}
      rows={page?.items}
      rowKey={(event) => event.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['notification', 'notifications'] }}
    />
  )
}

function State({ event }: { event: NotificationRead }) {
  return (
    <div className={classes.state} id={`event-${event.id}-state`}>
      <StateBadge state={event.state} quiet />
      {event.error !== null && <Truncate text={event.error.message} className={event.state === 'dead' ? classes.bad : classes.muted} />}
    </div>
  )
}

function Took({ event }: { event: NotificationRead }) {
  if (event.processed_at === null || event.state !== 'done' || event.replays > 0) return <span className={classes.muted}>–</span>
  return <span>{formatDuration(new Date(event.received_at), new Date(event.processed_at))}</span>
}

/** The time of day today, with the day before; exact on hover. */
export function Moment({ at }: { at: string }) {
  const now = useNow(60_000)
  const date = new Date(at)
  return (
    <time dateTime={at} title={formatExact(date)} className="tabular">
      {formatMoment(date, now)}
    </time>
  )
}
