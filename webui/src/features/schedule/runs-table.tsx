import { Link } from '@tanstack/react-router'
import type { RunPage, RunRead } from '@/api/types'
import { formatDuration } from '@/lib/time'
import { DataTable, type Column } from '@/ui/data-table'
import { LongText } from '@/ui/long-text'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { ZonedTime } from '@/ui/zoned-time'
import classes from './schedule.module.css'

function Outcome({ run }: { run: RunRead }) {
  return (
    <div className={classes.person}>
      {run.error_message !== null && <LongText id={`run-${run.id}-error`} text={run.error_message} />}
      {run.state === 'waiting_retry' && run.next_try_at !== null && (
        <span className={classes.muted}>
          Tries again <RelativeTime at={run.next_try_at} />
        </span>
      )}
      {run.error_message === null && run.started_at !== null && run.finished_at !== null && (
        <span className={classes.muted}>Took {formatDuration(new Date(run.started_at), new Date(run.finished_at))}</span>
      )}
      {run.retry_count > 0 && <span className={classes.muted}>{run.retry_count === 1 ? 'Tried once more' : `Tried ${run.retry_count} times more`}</span>}
    </div>
  )
}

function Time({ run, zone }: { run: RunRead; zone: string }) {
  return (
    <div className={classes.person}>
      {run.request_id === null ? (
        <ZonedTime at={run.fire_at} local={run.local} zone={zone} bare />
      ) : (
        <Link id={`run-${run.id}`} to="/requests/$requestId" params={{ requestId: run.request_id }} className={classes.link} data-row-link>
          <ZonedTime at={run.fire_at} local={run.local} zone={zone} bare />
          <span className="visually-hidden">, open its request</span>
        </Link>
      )}
      {run.by_hand && <span className={classes.muted}>By hand</span>}
    </div>
  )
}

interface RunsTableProps {
  page: RunPage | undefined
  zone: string
  refreshing: boolean
  onOpen: (run: RunRead) => void
  onOffset: (offset: number) => void
}

/** What ran and what was missed, newest first; each leads to its request. */
export function RunsTable({ page, zone, refreshing, onOpen, onOffset }: RunsTableProps) {
  const columns: Column<RunRead>[] = [
    { key: 'at', header: `Time in ${zone}`, width: '240px', cell: (run) => <Time run={run} zone={zone} /> },
    { key: 'state', header: 'State', width: '200px', cell: (run) => <StateBadge state={run.state} /> },
    { key: 'outcome', header: 'What became of it', cell: (run) => <Outcome run={run} /> },
  ]
  return (
    <DataTable
      id="schedule-runs"
      label="Runs"
      columns={columns}
      rows={page?.items}
      rowKey={(run) => run.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && page.total > page.limit ? { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['run', 'runs'] } : undefined}
    />
  )
}
