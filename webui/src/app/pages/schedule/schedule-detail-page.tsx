import { Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { ScheduleDetail } from '@/api/types'
import { roleTemplatesQuery } from '@/features/role-templates/api'
import { Coming } from '@/features/schedule/coming'
import { runsQuery, scheduleQuery } from '@/features/schedule/api'
import { shownState } from '@/features/schedule/look'
import { RunsTable } from '@/features/schedule/runs-table'
import { ScheduleFacts } from '@/features/schedule/schedule-facts'
import { can, sessionQuery } from '@/features/session/api'
import { Icon } from '@/ui/icons'
import { ButtonLink, TextLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { ZonedTime } from '@/ui/zoned-time'
import layout from '../request-page.module.css'
import { ScheduleActions } from './schedule-actions'

const route = getRouteApi('/signed-in/schedule/$scheduleId')
const back = (
  <TextLink id="schedule-back" to="/schedule" size="sm">
    Schedule
  </TextLink>
)

/** One schedule: when it runs next, what it will do, what became of it. */
export function ScheduleDetailPage() {
  const { scheduleId } = route.useParams()
  const query = useQuery(scheduleQuery(scheduleId))
  const { data: session } = useQuery(sessionQuery)
  const templates = useQuery({ ...roleTemplatesQuery, enabled: can(session, 'role_templates:read') })
  const schedule = query.data
  if (schedule === undefined) {
    return (
      <Page title="Schedule" above={back} narrow>
        {query.isError ? <ErrorState id="schedule-one" error={query.error} onRetry={() => void query.refetch()} /> : <LoadingBlocks />}
      </Page>
    )
  }
  const template = templates.data?.find((one) => one.id === schedule.role_template?.id)?.name ?? null
  return (
    <Page
      key={schedule.id}
      title={schedule.employee.full_name}
      documentTitle={`${schedule.employee.full_name}, schedule`}
      above={back}
      lead={<Lead schedule={schedule} />}
      action={can(session, 'schedule:write') && <ScheduleActions schedule={schedule} />}
    >
      <Trouble schedule={schedule} />
      <ScheduleFacts schedule={schedule} template={template} />
      {(schedule.recurrence !== null || schedule.upcoming.some(({ note }) => note !== null)) && schedule.upcoming.length > 0 && (
        <section aria-labelledby="schedule-upcoming-title">
          <Title order={2} id="schedule-upcoming-title" mb="sm">
            {schedule.recurrence === null ? 'Runs at' : `Next times in ${schedule.time_zone}`}
          </Title>
          <Coming id="schedule-upcoming" items={schedule.upcoming} zone={schedule.time_zone} />
        </section>
      )}
      {schedule.latest_run !== null && <Runs schedule={schedule} />}
    </Page>
  )
}

function Lead({ schedule }: { schedule: ScheduleDetail }) {
  return (
    <span className={layout.lead}>
      <span id="schedule-state" data-state={schedule.status}>
        <StateBadge state={schedule.status} shown={shownState(schedule)} />
      </span>
      {schedule.status !== 'cancelled' && (
        <span id="schedule-when">
          {schedule.next_run_at === null ? 'Ran at ' : 'Runs at '}
          <ZonedTime at={schedule.at} local={schedule.local} zone={schedule.time_zone} />, <RelativeTime at={schedule.at} />
        </span>
      )}
      {schedule.request_id !== null && (
        <ButtonLink id="schedule-request" to="/requests/$requestId" params={{ requestId: schedule.request_id }} variant="default" size="compact-sm" rightSection={<Icon name="arrowRight" size={14} />}>
          Open its request
        </ButtonLink>
      )}
    </span>
  )
}

/** What went wrong, or what it waits for. */
function Trouble({ schedule }: { schedule: ScheduleDetail }) {
  if (schedule.needs_person) {
    return (
      <Note tone="warn" id="schedule-needs-person" title="A person has to decide">
        {schedule.error_message ?? 'The plan that was made at its time asks something.'} Nothing has been changed at a vendor. Open its request, decide, and apply the plan.
      </Note>
    )
  }
  if (schedule.error_message === null) return null
  const again = schedule.latest_run?.state === 'waiting_retry' && schedule.latest_run.next_try_at !== null
  return (
    <Note tone={again ? 'warn' : 'bad'} id="schedule-error" title={again ? 'It will be tried again' : 'It did not run through'}>
      {schedule.error_message}
    </Note>
  )
}

function Runs({ schedule }: { schedule: ScheduleDetail }) {
  const navigate = useNavigate()
  const [offset, setOffset] = useState(0)
  const seen = `${schedule.status} ${schedule.latest_run?.id ?? ''} ${schedule.latest_run?.state ?? ''} ${schedule.latest_run?.retry_count ?? ''}`
  const runs = useQuery(runsQuery(schedule.id, offset, seen))
  return (
    <section aria-labelledby="schedule-runs-title">
      <Title order={2} id="schedule-runs-title" mb="sm">
        Runs
      </Title>
      {runs.isError ? (
        <ErrorState id="schedule-runs" error={runs.error} onRetry={() => void runs.refetch()} />
      ) : (
        <RunsTable
          page={runs.data}
          zone={schedule.time_zone}
          refreshing={runs.isPlaceholderData}
          onOpen={(run) => {
            if (run.request_id !== null) void navigate({ to: '/requests/$requestId', params: { requestId: run.request_id } })
          }}
          onOffset={setOffset}
        />
      )}
    </section>
  )
}
