import type { GapPage, GapRead, SubscriptionRead } from '@/api/types'
import { count } from '@/lib/format'
import { formatDuration } from '@/lib/time'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import { Moment } from './events-table'
import classes from './notifications.module.css'
import { closerWords, reasonWords, resourceWords } from './words'

interface GapsTableProps {
  page: GapPage | undefined
  refreshing: boolean
  of: (subscriptionId: string) => SubscriptionRead | undefined
  onOffset: (offset: number) => void
}

/** Times in which something may have been missed, the open ones first: from when to when, why, and what closed them. */
export function GapsTable({ page, refreshing, of, onOffset }: GapsTableProps) {
  const columns: Column<GapRead>[] = [
    {
      key: 'why',
      header: 'Why',
      cell: (gap) => (
        <div className={classes.words} id={`gap-${gap.id}`}>
          <Truncate text={reasonWords(gap.reason)} />
          <Truncate text={resourceWords(of(gap.subscription_id)?.resource ?? 'A subscription of earlier')} className={classes.muted} />
        </div>
      ),
    },
    { key: 'span', header: 'From – to', width: '23%', cell: (gap) => <Span gap={gap} /> },
    { key: 'closed', header: 'Closed', width: '38%', cell: (gap) => <Closed gap={gap} /> },
  ]
  return (
    <DataTable
      id="gaps-table"
      label="Gaps"
      columns={columns}
      rows={page?.items}
      rowKey={(gap) => gap.id}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['gap', 'gaps'] }}
    />
  )
}

function Span({ gap }: { gap: GapRead }) {
  const took = gap.to_at === null ? 0 : new Date(gap.to_at).getTime() - new Date(gap.from_at).getTime()
  return (
    <div className={classes.words}>
      <span>
        <Moment at={gap.from_at} /> – {gap.to_at === null ? 'now' : <Moment at={gap.to_at} />}
      </span>
      {gap.to_at !== null && took >= 1000 && <span className={classes.muted}>{formatDuration(new Date(gap.from_at), new Date(gap.to_at))}</span>}
    </div>
  )
}

function Closed({ gap }: { gap: GapRead }) {
  if (gap.closed_at === null || gap.closed_by === null) return <StateBadge state="open" label="Being closed" shown="executing" quiet />
  const found = gap.closed_by === 'not_possible' ? '' : gap.found === 0 ? ', nothing had changed' : `, ${count(gap.found, 'object')} read`
  return (
    <div className={classes.words}>
      <StateBadge state="closed" label={gap.closed_by === 'not_possible' ? 'Cannot be closed' : 'Closed'} shown={gap.closed_by === 'not_possible' ? 'missed' : 'done'} quiet />
      <span className={classes.muted}>
        {closerWords(gap.closed_by)}
        {found}
      </span>
    </div>
  )
}
