import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { messageOf } from '@/api/errors'
import type { ConnectionDetail } from '@/api/types'
import { Confirm } from '@/ui/confirm'
import { Note } from '@/ui/note'
import { notify } from '@/ui/notify'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { dependantsQuery, useDisconnect } from './api'
import classes from './connections.module.css'
import { lossesOf } from './words'

interface DisconnectDialogProps {
  connection: ConnectionDetail
  vendor: string
  titleOf: (app: string) => string
  onClose: () => void
}

/** Says what depends on the connection before it is ended. */
export function DisconnectDialog({ connection, vendor, titleOf, onClose }: DisconnectDialogProps) {
  const query = useQuery(dependantsQuery(connection.id))
  const disconnecting = useDisconnect(connection.id)
  return (
    <Confirm
      id="disconnect-dialog"
      opened
      title={`Disconnect ${connection.title}?`}
      confirmLabel="Disconnect"
      cancelLabel="Keep it"
      danger
      ready={query.isSuccess}
      busy={disconnecting.isPending}
      onConfirm={() => {
        disconnecting.mutate(undefined, {
          onSuccess: () => {
            notify('ok', `${connection.title} is disconnected`, 'Its secrets are destroyed. Reconnect it whenever you like.')
            onClose()
          },
        })
      }}
      onClose={onClose}
    >
      <Stack gap="md">
        <div>
          OneClick gives its access back to {vendor} where that is possible, and destroys the secrets it holds. People keep their accounts. The connection stays in
          the list and can be reconnected.
        </div>
        {query.isPending ? (
          <LoadingBlocks blocks={1} height={64} />
        ) : query.isError ? (
          <ErrorState id="disconnect-dialog" error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Losses losses={lossesOf(query.data, query.data.apps.map(titleOf))} />
        )}
        {disconnecting.isError && (
          <Note tone="bad" role="alert" title="It is still connected">
            {messageOf(disconnecting.error)}
          </Note>
        )}
      </Stack>
    </Confirm>
  )
}

function Losses({ losses }: { losses: readonly string[] }) {
  if (losses.length === 0) return <div id="disconnect-dialog-dependants">Nothing depends on it now.</div>
  return (
    <div id="disconnect-dialog-dependants">
      <strong>What depends on it</strong>
      <ul className={classes.losses}>
        {losses.map((loss) => (
          <li key={loss}>{loss}</li>
        ))}
      </ul>
    </div>
  )
}
