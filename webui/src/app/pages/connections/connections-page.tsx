import { Button, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ConnectionDetail } from '@/api/types'
import { connectionsQuery } from '@/features/connections/api'
import { ConnectionsTable } from '@/features/connections/connections-table'
import { ConnectedNote, FailedNote } from '@/features/connections/return-note'
import { VendorList } from '@/features/connections/vendor-list'
import { can, sessionQuery } from '@/features/session/api'
import { Icon } from '@/ui/icons'
import { EmptyState, ErrorState, Page } from '@/ui/page'
import { ConnectionMenu } from './connection-menu'
import { useConnecting } from './use-connecting'

const route = getRouteApi('/signed-in/admin/connections')

/** The vendor accounts that OneClick works through. */
export function ConnectionsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(connectionsQuery)
  const { data: session } = useQuery(sessionQuery)
  const mayWrite = can(session, 'connections:write')
  const { vendors, vendorOf, titleOf, ask, dialog } = useConnecting()
  const dismiss = () => void navigate({ search: {}, replace: true })
  const fresh = query.data?.find((one) => one.id === search.connected)
  const free = vendors?.filter((vendor) => !query.data?.some((one) => one.vendor === vendor.vendor)) ?? []
  const empty = query.data?.length === 0
  const connect = mayWrite && (
    <Button id="connections-connect" aria-haspopup="dialog" leftSection={<Icon name="plus" size={16} />} onClick={() => { ask({ what: 'connect' }) }}>
      Connect an account
    </Button>
  )

  return (
    <Page
      title="Connected accounts"
      lead="The vendor accounts that OneClick works through. Their secrets are kept encrypted and are shown to nobody."
      action={empty ? undefined : connect}
    >
      {search.failed !== undefined && (
        <FailedNote
          code={search.failed}
          vendor={search.vendor === undefined ? 'The vendor' : vendorOf(search.vendor)}
          onAgain={mayWrite && search.vendor !== undefined ? () => { ask({ what: 'connect', vendor: search.vendor }) } : undefined}
          onDismiss={dismiss}
        />
      )}
      {fresh && <ConnectedNote connection={fresh} onDismiss={dismiss} />}
      {query.isError ? (
        <ErrorState id="connections" error={query.error} onRetry={() => void query.refetch()} />
      ) : empty ? (
        <EmptyState icon="plug" title="Nothing is connected" action={connect}>
          OneClick gives people accounts through the vendors’ own interfaces. Connect the first vendor, then its apps can be switched on.
        </EmptyState>
      ) : (
        <ConnectionsTable
          connections={query.data && sorted(query.data)}
          vendorOf={vendorOf}
          onOpen={(one) => void navigate({ to: '/admin/connections/$connectionId', params: { connectionId: one.id } })}
          acts={mayWrite ? (connection) => <ConnectionMenu connection={connection} onAsk={(what) => { ask({ what, connection }) }} /> : undefined}
        />
      )}
      {mayWrite && query.isSuccess && !empty && free.length > 0 && (
        <section aria-labelledby="not-connected-title">
          <Title order={2} id="not-connected-title" mb="sm">
            Not connected yet
          </Title>
          <VendorList id="not-connected" vendors={free} titleOf={titleOf} onChoose={({ vendor }) => { ask({ what: 'connect', vendor }) }} />
        </section>
      )}
      {dialog}
    </Page>
  )
}

const ORDER = ['needs_reauth', 'error', 'expiring', 'active', 'disconnected']

/** What needs somebody first, what is disconnected last. */
function sorted(connections: readonly ConnectionDetail[]): ConnectionDetail[] {
  return connections.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.title.localeCompare(b.title))
}
