import { useQuery } from '@tanstack/react-query'
import { messageOf } from '@/api/errors'
import { appsQuery, useSwitchApp } from '@/features/apps/api'
import { AppsTable } from '@/features/apps/apps-table'
import { can, sessionQuery } from '@/features/session/api'
import { notify } from '@/ui/notify'
import { EmptyState, ErrorState, Page } from '@/ui/page'

/** The catalogue of apps, and the tenant's own switch for each. */
export function AppsPage() {
  const query = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  const switching = useSwitchApp()
  const mayWrite = can(session, 'settings:write')
  return (
    <Page
      title="Apps"
      lead="What OneClick can give people here. An app that is switched off is in no new request; accounts that are there stay as they are."
    >
      {query.isError ? (
        <ErrorState id="apps" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.length === 0 ? (
        <EmptyState icon="grid" title="No apps">
          No provider is installed. An operator of this installation adds one.
        </EmptyState>
      ) : (
        <AppsTable
          apps={query.data}
          mayConnect={can(session, 'connections:read')}
          busy={switching.isPending ? switching.variables.app : null}
          onSwitch={
            mayWrite
              ? (app, offered) => {
                  switching.mutate(
                    { app: app.key, offered },
                    {
                      onError: (error) => {
                        notify('bad', `${app.title} stays as it was`, messageOf(error))
                      },
                    },
                  )
                }
              : undefined
          }
        />
      )}
    </Page>
  )
}
