import { useQuery } from '@tanstack/react-query'
import { appsQuery } from '@/features/apps/api'
import { can, sessionQuery } from '@/features/session/api'
import { EmptyState, ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { Wizard } from './wizard-view'

/** The wizard, once the apps are known. */
export function NewHirePage() {
  const apps = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  if (apps.data && apps.data.length > 0 && can(session, 'requests:write')) return <Wizard apps={apps.data} />
  return (
    <Page title="New hire" narrow>
      {!can(session, 'requests:write') ? (
        <EmptyState icon="blocked" title="Your role only reads">
          An administrator or the helpdesk can make requests. Ask one of them.
        </EmptyState>
      ) : apps.isPending ? (
        <LoadingBlocks />
      ) : apps.isError ? (
        <ErrorState id="new-hire" error={apps.error} onRetry={() => void apps.refetch()} />
      ) : (
        <EmptyState icon="key" title="No apps yet">
          No app is enabled for this tenant. An administrator connects one first.
        </EmptyState>
      )}
    </Page>
  )
}
