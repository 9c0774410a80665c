import { Button } from '@mantine/core'
import type { ConnectionDetail } from '@/api/types'
import { count } from '@/lib/format'
import { ButtonLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { failureOf } from './words'

/** After the way back from the vendor: it worked. */
export function ConnectedNote({ connection, onDismiss }: { connection: ConnectionDetail; onDismiss: () => void }) {
  const missing = connection.scopes_missing.length
  return (
    <Note
      tone={missing > 0 ? 'warn' : 'ok'}
      role="status"
      id="connected-note"
      title={`${connection.title} is connected`}
      actions={
        <>
          <ButtonLink id="connected-note-open" variant="default" to="/admin/connections/$connectionId" params={{ connectionId: connection.id }}>
            Show it
          </ButtonLink>
          <Button id="connected-note-dismiss" variant="subtle" color="gray" onClick={onDismiss}>
            Dismiss
          </Button>
        </>
      }
    >
      {connection.account !== null && `Account ${connection.account}. `}
      {missing > 0 ? `${count(missing, 'permission')} that OneClick needs ${missing === 1 ? 'was' : 'were'} not granted.` : 'Requests can use it from now on.'}
    </Note>
  )
}

/** After the way back from the vendor: it did not. */
export function FailedNote({ code, vendor, onAgain, onDismiss }: { code: string; vendor: string; onAgain?: () => void; onDismiss: () => void }) {
  const { title, text } = failureOf(code, vendor)
  return (
    <Note
      tone="bad"
      role="alert"
      id="failed-note"
      title={title}
      actions={
        <>
          {onAgain && (
            <Button id="failed-note-again" variant="default" onClick={onAgain}>
              Connect {vendor}
            </Button>
          )}
          <Button id="failed-note-dismiss" variant="subtle" color="gray" onClick={onDismiss}>
            Dismiss
          </Button>
        </>
      }
    >
      {text}
    </Note>
  )
}
