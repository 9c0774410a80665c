import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { AppRead } from '@/api/types'
import { appsQuery, useChangeApp } from '@/features/apps/api'
import { AppsTable } from '@/features/apps/apps-table'
import { DefaultsDialog } from '@/features/apps/defaults-dialog'
import { can, sessionQuery } from '@/features/session/api'
import { notify } from '@/ui/notify'
import { EmptyState, ErrorState, Page } from '@/ui/page'

/** The catalogue of apps, and the tenant's own switch for each. */
export function AppsPage() {
  const query = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  const switching = useChangeApp()
  const [asked, setAsked] = useState<AppRead | null>(null)
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
          onDefaults={mayWrite ? setAsked : undefined}
        />
      )}
      {asked !== null && (
        <DefaultsDialog
          key={asked.key}
          app={asked}
          onClose={() => {
            setAsked(null)
          }}
        />
      )}
    </Page>
  )
}
