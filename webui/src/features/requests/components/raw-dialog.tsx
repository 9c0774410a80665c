import { Badge, Modal, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ActionRead, CallRead } from '@/api/types'
import { formatClock } from '@/lib/time'
import { CopyButton } from '@/ui/copy-button'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { callsQuery } from '../api'
import classes from './live.module.css'

/** What was said to the vendor and what it answered; secrets were cut out before it was stored. */
export function RawDialog({ requestId, action, onClose }: { requestId: string; action: ActionRead; onClose: () => void }) {
  const query = useQuery(callsQuery(requestId, action.id))
  return (
    <Modal
      id="raw-dialog"
      opened
      onClose={onClose}
      size="xl"
      title={`Vendor calls: ${action.title}`}
      closeButtonProps={{ 'aria-label': 'Close', id: 'raw-dialog-close' }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Newest first. Passwords and tokens were removed before this was stored.
        </Text>
        {query.isPending && <LoadingBlocks blocks={2} height={96} />}
        {query.isError && <ErrorState id="raw-dialog" error={query.error} onRetry={() => void query.refetch()} />}
        {query.data?.length === 0 && <Text>Nothing has been sent to the vendor for this action.</Text>}
        {query.data?.toReversed().map((call, index) => (
          <Call key={index} call={call} index={index} />
        ))}
      </Stack>
    </Modal>
  )
}

/** The path as a person reads it; one that cannot be decoded stays as it is. */
function readable(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function Call({ call, index }: { call: CallRead; index: number }) {
  const status = call.status ?? null
  const good = status !== null && status < 400
  return (
    <section className={classes.call} aria-label={`Call ${index + 1}`}>
      <header className={classes.callHead}>
        <Badge variant="default" radius="sm">
          {call.method}
        </Badge>
        <span className={`mono ${classes.callPath}`}>{readable(call.path)}</span>
        <span className={classes.callStatus} data-good={good || undefined}>
          {status ?? 'no reply'}
        </span>
        <span className={`tabular ${classes.muted}`}>
          try {call.try} · {call.ms === null || call.ms === undefined ? '' : `${Math.round(call.ms)} ms · `}
          {formatClock(new Date(call.at))}
        </span>
      </header>
      <Body id={`call-${index}-request`} label="Sent" body={call.request_body} />
      <Body id={`call-${index}-response`} label="Answer" body={call.response_body} />
    </section>
  )
}

function Body({ id, label, body }: { id: string; label: string; body: unknown }) {
  if (body === null || body === undefined || body === '') return null
  const text = typeof body === 'string' ? body : JSON.stringify(body, null, 2)
  return (
    <div>
      <div className={classes.bodyHead}>
        <span>{label}</span>
        <CopyButton id={`${id}-copy`} value={text} label={`Copy ${label.toLowerCase()}`} compact />
      </div>
      {/* Focusable, so that a long reply can be scrolled from the keyboard. */}
      <pre id={id} className={classes.code} tabIndex={0} aria-label={label}>
        {text}
      </pre>
    </div>
  )
}
