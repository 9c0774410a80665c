import { useQuery } from '@tanstack/react-query'
import { Alerts } from '@/features/overview/alerts'
import { Counts } from '@/features/overview/counts'
import { overviewQuery } from '@/features/overview/api'
import { RequestList } from '@/features/overview/request-list'
import { Waits } from '@/features/overview/waits'
import layout from '@/features/overview/overview.module.css'
import { nextSchedulesQuery } from '@/features/schedule/api'
import { NextJoiners } from '@/features/schedule/next-joiners'
import { can, sessionQuery } from '@/features/session/api'
import { dayOf } from '@/lib/time'
import { Icon } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { EmptyState, ErrorState, LoadingBlocks, Page } from '@/ui/page'

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0)
}

export function OverviewPage() {
  const query = useQuery(overviewQuery)
  const { data: session } = useQuery(sessionQuery)
  const next = useQuery({ ...nextSchedulesQuery(5), enabled: can(session, 'schedule:read') })
  const mayWrite = can(session, 'requests:write')
  const now = new Date()
  const weekAgo = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 6)
  const data = query.data
  const nothing = data !== undefined && data.recent.length === 0 && total(data.week) === 0 && (next.data?.total ?? 0) === 0
  const newHire = mayWrite && (
    <ButtonLink id="overview-new-hire" to="/new-hire" leftSection={<Icon name="plus" size={16} />}>
      New hire
    </ButtonLink>
  )

  return (
    <Page title="Overview" lead="What happened lately, and what waits for somebody." action={nothing ? undefined : newHire}>
      {query.isPending && <LoadingBlocks />}
      {query.isError && <ErrorState id="overview" error={query.error} onRetry={() => void query.refetch()} />}
      {data && <Alerts alerts={data.alerts} mayLook={can(session, 'connections:read')} />}
      {nothing && (
        <EmptyState icon="userPlus" title="Nobody has been given accounts yet" action={newHire}>
          Name a new colleague and choose their apps. You see every account, licence and group before anything is changed, and then follow it live.
        </EmptyState>
      )}
      {data && !nothing && (
        <>
          <Waits waits={data.waiting_for} me={session?.operator?.id ?? null} />
          <div className={layout.spans}>
            <Counts title="Today" counts={data.today} from={dayOf(now)} />
            <Counts title="Last seven days" counts={data.week} from={dayOf(weekAgo)} />
          </div>
          <div className={layout.panels}>
            <div className={layout.column}>
              <RequestList title="Waiting" requests={data.waiting} empty="Nothing waits for anybody." />
              {next.data && <NextJoiners schedules={next.data.items} total={next.data.total} />}
            </div>
            <RequestList title="Recent" requests={data.recent} empty="No requests yet." />
          </div>
        </>
      )}
    </Page>
  )
}
