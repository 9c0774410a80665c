import { Button, Paper, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { ConnectionDetail } from '@/api/types'
import { connectionQuery } from '@/features/connections/api'
import { ConnectionFacts } from '@/features/connections/connection-facts'
import { ScopeList, ScopeNames } from '@/features/connections/scopes'
import { StateNote } from '@/features/connections/state-note'
import { can, sessionQuery } from '@/features/session/api'
import { count } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { TextLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { useTestAloud } from './connection-menu'
import { useConnecting } from './use-connecting'

const route = getRouteApi('/signed-in/admin/connections/$connectionId')

/** One vendor account: whether it works, what was granted, and what may be done with it. */
export function ConnectionPage() {
  const { connectionId } = route.useParams()
  const query = useQuery(connectionQuery(connectionId))
  const connection = query.data
  const above = (
    <TextLink id="connection-back" to="/admin/connections" size="sm">
      Connected accounts
    </TextLink>
  )
  if (connection) return <Shown connection={connection} above={above} />
  return (
    <Page title="Connected account" above={above} narrow>
      {query.isError ? <ErrorState id="connection" error={query.error} onRetry={() => void query.refetch()} /> : <LoadingBlocks />}
    </Page>
  )
}

function Shown({ connection, above }: { connection: ConnectionDetail; above: React.ReactNode }) {
  const { data: session } = useQuery(sessionQuery)
  const { vendors, vendorOf, titleOf, ask, dialog } = useConnecting()
  const { run, running } = useTestAloud(connection)
  const mayWrite = can(session, 'connections:write')
  const gone = connection.state === 'disconnected'
  const method = vendors?.find((one) => one.vendor === connection.vendor)?.methods.find((one) => one.key === connection.method)
  const healthy = connection.state === 'active'
  const reconnect = mayWrite && (
    <Button id="connection-reconnect" variant={healthy ? 'default' : 'filled'} aria-haspopup="dialog" leftSection={<Icon name="retry" size={16} />} onClick={() => { ask({ what: 'reconnect', connection }) }}>
      Reconnect
    </Button>
  )
  return (
    <Page
      title={connection.title}
      narrow
      above={above}
      lead={[vendorOf(connection.vendor), connection.account].filter((word) => word !== null && word !== connection.title).join(' · ')}
      action={
        mayWrite && (
          <>
            <Button id="connection-test" variant="default" loading={running} disabled={gone} onClick={run}>
              Test
            </Button>
            <Button id="connection-rename" variant="default" aria-haspopup="dialog" onClick={() => { ask({ what: 'rename', connection }) }}>
              Rename
            </Button>
          </>
        )
      }
    >
      <StateNote connection={connection} action={reconnect} />
      <Paper p="lg">
        <ConnectionFacts connection={connection} method={method?.title} titleOf={titleOf} testing={running} />
      </Paper>
      {!gone && <Permissions connection={connection} />}
      {mayWrite && !gone && (
        <section aria-labelledby="connection-end">
          <Title order={2} id="connection-end" mb="sm">
            Change or end it
          </Title>
          <Paper p="lg">
            <Stack gap="md" align="flex-start">
              <div>{healthy && 'Reconnecting renews what the vendor granted, in the same place. '}Disconnecting says first what depends on it.</div>
              <div className="button-row">
                {healthy && reconnect}
                <Button id="connection-disconnect" variant="default" aria-haspopup="dialog" leftSection={<Icon name="blocked" size={16} />} onClick={() => { ask({ what: 'disconnect', connection }) }}>
                  Disconnect
                </Button>
              </div>
            </Stack>
          </Paper>
        </section>
      )}
      {dialog}
    </Page>
  )
}

function Permissions({ connection }: { connection: ConnectionDetail }) {
  const { scopes_granted: granted, scopes_missing: missing } = connection
  if (granted.length === 0 && missing.length === 0) return null
  return (
    <section aria-labelledby="connection-permissions">
      <Title order={2} id="connection-permissions" mb="sm">
        Permissions at the vendor
      </Title>
      <Stack gap="md">
        {missing.length > 0 && (
          <Note tone="warn" title={`${count(missing.length, 'permission')} that OneClick needs ${missing.length === 1 ? 'is' : 'are'} missing`}>
            Grant {missing.length === 1 ? 'it' : 'them'} at the vendor, then reconnect.
          </Note>
        )}
        {missing.length > 0 && <ScopeList id="connection-scopes-missing" scopes={missing} />}
        {granted.length > 0 && (
          <div>
            <Title order={3} mb={6}>
              Granted
            </Title>
            <ScopeNames id="connection-scopes-granted" names={granted} />
          </div>
        )}
      </Stack>
    </section>
  )
}
