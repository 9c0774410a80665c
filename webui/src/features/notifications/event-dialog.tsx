import { Button, Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { NotificationRead, SubscriptionRead } from '@/api/types'
import { formatDuration, formatExact } from '@/lib/time'
import { CopyButton } from '@/ui/copy-button'
import { ErrorNote } from '@/ui/error-note'
import { Icon } from '@/ui/icons'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { StateBadge } from '@/ui/state-badge'
import { eventQuery, messageQuery } from './api'
import { MessageFacts } from './message-facts'
import classes from './notifications.module.css'
import { eventWords, factsOf, outcomeWords, resourceWords } from './words'

interface EventDialogProps {
  id: string
  of: (subscriptionId: string) => SubscriptionRead | undefined
  mayReplay: boolean
  mayReadMail: boolean
  replaying: boolean
  onReplay: (event: NotificationRead) => void
  onClose: () => void
}

/** One notification, whole: what came, what was done, and the mail as it is kept. */
export function EventDialog({ id, of, mayReplay, mayReadMail, replaying, onReplay, onClose }: EventDialogProps) {
  const query = useQuery(eventQuery(id))
  const event = query.data
  const title = event ? eventWords(event, of(event.subscription_id)) : 'Notification'
  return (
    <Modal id="event-dialog" opened onClose={onClose} size="lg" title={title} closeButtonProps={{ 'aria-label': 'Close', id: 'event-dialog-close' }}>
      {query.isError ? (
        <ErrorState id="event-dialog" error={query.error} onRetry={() => void query.refetch()} />
      ) : event === undefined ? (
        <LoadingBlocks blocks={2} />
      ) : (
        <Stack gap="lg">
          <div id="event-state">
            <StateBadge state={event.state} />
          </div>
          {event.error !== null && (
            <ErrorNote
              id="event-error"
              error={event.error}
              action={mayReplay && event.state === 'dead' && <Replay event={event} replaying={replaying} onReplay={onReplay} />}
            />
          )}
          {event.error === null && outcomeWords(event.outcome) !== null && <div id="event-outcome">{outcomeWords(event.outcome)}</div>}
          {event.message_id !== null && (mayReadMail ? <Mail id={event.message_id} /> : <div className={classes.muted}>Mails are for administrators.</div>)}
          <Facts event={event} of={of(event.subscription_id)} />
          {mayReplay && event.state === 'done' && (
            <div>
              <Replay event={event} replaying={replaying} onReplay={onReplay} />
            </div>
          )}
        </Stack>
      )}
    </Modal>
  )
}

function Replay({ event, replaying, onReplay }: { event: NotificationRead; replaying: boolean; onReplay: (event: NotificationRead) => void }) {
  return (
    <Button id="event-replay" variant="default" loading={replaying} leftSection={<Icon name="retry" size={16} />} onClick={() => { onReplay(event) }}>
      {event.state === 'dead' ? 'Replay' : 'Look at it again'}
    </Button>
  )
}

function Facts({ event, of }: { event: NotificationRead; of: SubscriptionRead | undefined }) {
  const done = event.processed_at === null ? null : new Date(event.processed_at)
  const facts: [string, ReactNode, boolean?][] = [
    ['Of', of ? resourceWords(of.resource) : 'A subscription of earlier'],
    ['Received', formatExact(new Date(event.received_at))],
    [event.state === 'dead' ? 'Given up' : 'Done', done === null ? '–' : `${formatExact(done)}${event.replays === 0 ? `, after ${formatDuration(new Date(event.received_at), done)}` : ''}`],
    ['Tries', event.replays === 0 ? event.tries.toLocaleString('en') : `${event.tries.toLocaleString('en')}, replayed ${event.replays === 1 ? 'once' : `${event.replays.toLocaleString('en')} times`}`],
    ...factsOf(event.outcome),
    ...(event.resource === '' ? [] : [['What Microsoft named', <span className="mono">{event.resource}</span>, true] as [string, ReactNode, boolean]]),
    [
      'Correlation id',
      <>
        <span className="mono">{event.correlation_id}</span> <CopyButton id="event-correlation-copy" value={event.correlation_id} label="Copy the correlation id" compact />
      </>,
      true,
    ],
  ]
  return (
    <dl className={classes.facts}>
      {facts.map(([label, value, whole]) => (
        <div key={label} className={whole ? classes.whole : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Mail({ id }: { id: string }) {
  const query = useQuery(messageQuery(id))
  if (query.isError) return <ErrorState id="event-mail" error={query.error} onRetry={() => void query.refetch()} />
  return (
    <section className={classes.mail} id="event-mail" aria-label="The mail as it is kept">
      {query.data ? <MessageFacts message={query.data} /> : <LoadingBlocks blocks={1} />}
    </section>
  )
}
