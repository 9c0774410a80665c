import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { AppRead } from '@/api/types'
import { appsQuery } from '@/features/apps/api'
import { can, sessionQuery } from '@/features/session/api'
import { ButtonLink } from '@/ui/link'
import { EmptyState, ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { Wizard } from './wizard-view'

function inOrder(apps: AppRead[]): AppRead[] {
  return apps.toSorted((one, other) => one.title.localeCompare(other.title))
}

/** The wizard, once the apps are known. */
export function NewHirePage() {
  const apps = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  const offered = useMemo(() => inOrder(apps.data?.filter((app) => app.offered) ?? []), [apps.data])
  if (apps.data && offered.length > 0 && can(session, 'requests:write')) return <Wizard apps={offered} />
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
        <EmptyState
          icon="key"
          title="No apps yet"
          action={
            can(session, 'apps:read') && (
              <ButtonLink id="new-hire-apps" to="/apps" variant="default">
                Look at the apps
              </ButtonLink>
            )
          }
        >
          No app is switched on for this tenant. An administrator switches one on first.
        </EmptyState>
      )}
    </Page>
  )
}
