import { Link } from '@tanstack/react-router'
import type { SchedulePage, ScheduleRead } from '@/api/types'
import { humanize } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import { ZonedTime } from '@/ui/zoned-time'
import { shownState } from './look'
import { ruleInWords } from './recurrence'
import classes from './schedule.module.css'

/** How many marks fit the column. */
const SHOWN = 4

function Person({ schedule }: { schedule: ScheduleRead }) {
  return (
    <div className={classes.person}>
      <Link id={`schedule-${schedule.id}`} to="/schedule/$scheduleId" params={{ scheduleId: schedule.id }} className={classes.link} data-row-link>
        <Truncate text={schedule.employee.full_name} />
      </Link>
      <Truncate text={schedule.employee.work_email} className={classes.muted} />
    </div>
  )
}

function Time({ schedule }: { schedule: ScheduleRead }) {
  const { recurrence } = schedule
  const words = recurrence === null ? null : (ruleInWords(recurrence.rule, schedule.local.slice(11, 16)) ?? recurrence.rule)
  return (
    <div className={classes.person}>
      <ZonedTime at={schedule.at} local={schedule.local} zone={schedule.time_zone} bare />
      <Truncate text={words === null ? schedule.time_zone : `${humanize(words)}, ${schedule.time_zone}`} className={classes.muted} />
    </div>
  )
}

function Apps({ schedule }: { schedule: ScheduleRead }) {
  const { apps } = schedule
  if (apps.length === 0) return <Truncate text={schedule.role_template === null ? '–' : 'By role template'} className={classes.muted} />
  return (
    <span className={classes.glyphs} role="img" aria-label={apps.map((app) => app.title).join(', ')}>
      {apps.slice(0, SHOWN).map(({ app }) => (
        <AppGlyph key={app} app={app} size={22} />
      ))}
      {apps.length > SHOWN && <span className={classes.muted}>+{apps.length - SHOWN}</span>}
    </span>
  )
}

const columns: Column<ScheduleRead>[] = [
  { key: 'person', header: 'Person', cell: (schedule) => <Person schedule={schedule} /> },
  { key: 'when', header: 'When', width: '235px', cell: (schedule) => <Time schedule={schedule} /> },
  { key: 'apps', header: 'Apps', width: '165px', cell: (schedule) => <Apps schedule={schedule} /> },
  { key: 'tags', header: 'Tags', width: '160px', minor: true, cell: (schedule) => <Truncate text={schedule.tags.join(', ') || '–'} /> },
  { key: 'state', header: 'State', width: '190px', cell: (schedule) => <StateBadge state={schedule.status} shown={shownState(schedule)} /> },
]

interface ScheduleTableProps {
  page: SchedulePage | undefined
  refreshing: boolean
  onOpen: (schedule: ScheduleRead) => void
  onOffset: (offset: number) => void
}

/** The list of schedules. */
export function ScheduleTable({ page, refreshing, onOpen, onOffset }: ScheduleTableProps) {
  return (
    <DataTable
      id="schedule-table"
      label="Schedule"
      columns={columns}
      rows={page?.items}
      rowKey={(schedule) => schedule.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['time', 'times'] }}
    />
  )
}
