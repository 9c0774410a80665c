import { Button, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { can, sessionQuery } from '@/features/session/api'
import { scheduleHealthQuery, scheduleZoneQuery } from '@/features/schedule/api'
import type { ScheduleFilters, View } from '@/features/schedule/filters'
import { HealthNote } from '@/features/schedule/health-note'
import { ScheduleFiltersBar } from '@/features/schedule/schedule-filters'
import classes from '@/features/schedule/schedule.module.css'
import { ZoneDialog } from '@/features/schedule/zone-dialog'
import { withFilter } from '@/lib/filters'
import { Icon } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { notify } from '@/ui/notify'
import { ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { ScheduleCalendar } from './schedule-calendar'
import { ScheduleList } from './schedule-list'

const route = getRouteApi('/signed-in/schedule')

const VIEWS: { value: View; label: string }[] = [
  { value: 'list', label: 'List' },
  { value: 'week', label: 'Week' },
  { value: 'month', label: 'Month' },
]

/** What runs when: as a list, a week or a month. */
export function SchedulePage() {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const zone = useQuery(scheduleZoneQuery)
  const health = useQuery(scheduleHealthQuery)
  const { data: session } = useQuery(sessionQuery)
  const [asking, setAsking] = useState(false)
  const view: View = filters.view ?? 'list'
  const change = (part: Partial<ScheduleFilters>) => void navigate({ search: (before) => withFilter(before, part), replace: true })
  const newHire = can(session, 'requests:write') && (
    <ButtonLink id="schedule-new-hire" to="/new-hire" leftSection={<Icon name="plus" size={16} />}>
      New hire
    </ButtonLink>
  )

  return (
    <Page
      title="Schedule"
      lead="Who gets accounts when, and what became of those whose day has come."
      action={
        <>
          {zone.data !== undefined && can(session, 'settings:write') && (
            <Button
              id="schedule-zone"
              variant="default"
              leftSection={<Icon name="clock" size={16} />}
              onClick={() => {
                setAsking(true)
              }}
            >
              {zone.data}
              <span className="visually-hidden">: change the time zone</span>
            </Button>
          )}
          {newHire}
        </>
      }
    >
      {asking && zone.data !== undefined && (
        <ZoneDialog
          zone={zone.data}
          onClose={() => {
            setAsking(false)
          }}
          onChanged={(changed) => {
            setAsking(false)
            notify('ok', `Times mean ${changed} now`, 'What was scheduled before keeps its zone.')
          }}
        />
      )}
      {health.data && <HealthNote health={health.data} />}
      <div className={classes.toolbar}>
        <ScheduleFiltersBar
          filters={filters}
          days={view === 'list'}
          onChange={change}
          onClear={() => {
            change({ status: undefined, tag: undefined, from: undefined, to: undefined })
          }}
        />
        <SegmentedControl
          id="schedule-view"
          aria-label="View"
          data={VIEWS.map(({ value, label }) => ({ value, label: <span id={`schedule-view-${value}`}>{label}</span> }))}
          value={view}
          onChange={(value) => {
            change({ view: value === 'list' ? undefined : (value as 'week' | 'month'), from: undefined, to: undefined, status: undefined })
          }}
        />
      </div>
      {zone.data === undefined ? (
        zone.isError ? (
          <ErrorState id="schedule-zone" error={zone.error} onRetry={() => void zone.refetch()} />
        ) : (
          <LoadingBlocks blocks={2} height={140} />
        )
      ) : view === 'list' ? (
        <ScheduleList filters={filters} zone={zone.data} newHire={newHire} />
      ) : (
        <ScheduleCalendar view={view} filters={filters} zone={zone.data} mayMove={can(session, 'schedule:write')} />
      )}
    </Page>
  )
}
