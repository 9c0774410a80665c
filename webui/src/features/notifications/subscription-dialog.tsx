import { Button, Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { SubscriptionRead } from '@/api/types'
import { ErrorNote } from '@/ui/error-note'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { subscriptionQuery, type SubscriptionAct } from './api'
import classes from './notifications.module.css'
import { changesWords, resourceWords } from './words'

interface SubscriptionDialogProps {
  id: string
  mayWrite: boolean
  busy: boolean
  onAct: (subscription: SubscriptionRead, what: SubscriptionAct) => void
  /** Goes to what arrived of it. */
  onEvents: (subscription: SubscriptionRead) => void
  onClose: () => void
}

/** One subscription, whole: how it is, what is wrong, and what may be done. */
export function SubscriptionDialog({ id, mayWrite, busy, onAct, onEvents, onClose }: SubscriptionDialogProps) {
  const query = useQuery(subscriptionQuery(id))
  const one = query.data
  return (
    <Modal id="subscription-dialog" opened onClose={onClose} size="lg" title={one ? resourceWords(one.resource) : 'Subscription'} closeButtonProps={{ 'aria-label': 'Close', id: 'subscription-dialog-close' }}>
      {query.isError ? (
        <ErrorState id="subscription-dialog" error={query.error} onRetry={() => void query.refetch()} />
      ) : one === undefined ? (
        <LoadingBlocks blocks={2} />
      ) : (
        <Stack gap="lg">
          <div>
            <StateBadge state={one.state} />
          </div>
          {one.problem !== null && (
            <ErrorNote
              id="subscription-problem"
              error={{ ...one.problem, link: one.problem.link === null ? null : { url: one.problem.link, label: 'Open at Microsoft' } }}
            />
          )}
          <div className="button-row">
            <Button id="subscription-events" variant="default" size="xs" onClick={() => { onEvents(one) }}>
              What arrived
            </Button>
            {mayWrite && isWanted(one) && (
              <>
                <Button id="subscription-renew" variant="default" size="xs" disabled={busy} onClick={() => { onAct(one, 'renew') }}>
                  Renew
                </Button>
                <Button id="subscription-reauthorize" variant="default" size="xs" disabled={busy} onClick={() => { onAct(one, 'reauthorize') }}>
                  Authorise again
                </Button>
                <Button id="subscription-resync" variant="default" size="xs" disabled={busy} onClick={() => { onAct(one, 'resync') }}>
                  Read what changed
                </Button>
                <Button id="subscription-delete" variant="default" size="xs" disabled={busy} aria-haspopup="dialog" onClick={() => { onAct(one, 'delete') }}>
                  End it
                </Button>
              </>
            )}
          </div>
          <Facts subscription={one} />
        </Stack>
      )}
    </Modal>
  )
}

/** Whether it is meant to be at Microsoft. */
export function isWanted({ state }: Pick<SubscriptionRead, 'state'>): boolean {
  return state !== 'deleting' && state !== 'deleted'
}

/** What has not happened yet is not listed. */
const NOTHING = null

function moment(at: string | null): ReactNode {
  return at === null ? NOTHING : <RelativeTime at={at} />
}

function lifeWords(minutes: number): string {
  if (minutes < 120) return `${minutes.toLocaleString('en')} minutes`
  return minutes < 2 * 1440 ? `${Math.round(minutes / 60).toLocaleString('en')} hours` : `${Math.round(minutes / 1440).toLocaleString('en')} days`
}

function Facts({ subscription: one }: { subscription: SubscriptionRead }) {
  const facts: [string, ReactNode, boolean?][] = [
    ['Path at Microsoft', <span className="mono">{one.resource}</span>, true],
    ['Told of what is', changesWords(one.change_types)],
    ['With the data', one.include_resource_data ? 'Yes, encrypted' : 'No: read when told'],
    ['Ends', moment(one.expires_at)],
    ['Renewed', moment(one.renew_at)],
    ['Granted', moment(one.granted_at)],
    ['Asked to live', lifeWords(one.life_minutes)],
    ['Last notification', moment(one.last_event_at)],
    ['Read completely', moment(one.last_resync_at)],
    ['Asked for by', one.created_by],
    ['Since', moment(one.created_at)],
    ['Id at Microsoft', one.remote_id === null ? NOTHING : <span className="mono">{one.remote_id}</span>, true],
  ]
  return (
    <dl className={classes.facts}>
      {facts.filter(([, value]) => value !== NOTHING).map(([label, value, whole]) => (
        <div key={label} className={whole ? classes.whole : undefined}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
