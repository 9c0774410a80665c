import { Button } from '@mantine/core'
import type { ActionRead } from '@/api/types'
import { count, slug } from '@/lib/format'
import { formatClock, formatDuration, formatExact } from '@/lib/time'
import { ErrorNote } from '@/ui/error-note'
import { Icon, type IconName } from '@/ui/icons'
import { lookOf } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import { Countdown } from './countdown'
import classes from './live.module.css'

export interface ActionHandlers {
  onRetryAction: (action: ActionRead) => void
  onRaw: (action: ActionRead) => void
  onPassword: (action: ActionRead) => void
}

interface ActionLineProps {
  app: string
  action: ActionRead
  handlers: ActionHandlers
  mayWrite: boolean
  busy: boolean
}

const MARKS: Record<string, IconName> = { done: 'check', failed: 'cross', skipped: 'minus', cancelled: 'minus' }

/** One action on the timeline: state, what, when, how many tries; its error and its password where it has them. */
export function ActionLine({ app, action, handlers, mayWrite, busy }: ActionLineProps) {
  const id = `action-${slug(app)}-${slug(action.key)}`
  const look = lookOf(action.state)
  const password = action.first_password
  return (
    <li id={id} className={classes.action} data-state={action.state}>
      <span className={classes.dot} data-tone={look.tone} data-spin={action.state === 'running' || undefined} aria-hidden="true">
        <Icon name={MARKS[action.state] ?? look.icon} size={14} />
      </span>
      <div className={classes.actionBody}>
        <div className={classes.actionHead}>
          <span className={classes.actionTitle}>
            {action.title}
            {!action.title.includes(action.target) && <Truncate text={action.target} className={classes.muted} />}
          </span>
          <span className={classes.facts}>
            <span data-tone={look.tone} className={classes.word}>
              {look.label}
            </span>
            {action.state === 'waiting_retry' && action.next_try_at !== null && (
              <Countdown at={action.next_try_at} />
            )}
            {action.tries > 1 && <span>{count(action.tries, 'try', 'tries')}</span>}
            <When action={action} />
            {action.calls > 0 && action.state !== 'failed' && (
              <button
                type="button"
                id={`${id}-calls`}
                className={classes.calls}
                aria-label={`${count(action.calls, 'call')} to the vendor: ${action.title}`}
                onClick={() => {
                  handlers.onRaw(action)
                }}
              >
                {count(action.calls, 'call')}
              </button>
            )}
          </span>
        </div>
        {action.error !== null && action.state === 'failed' && (
          <ErrorNote
            id={`${id}-error`}
            error={action.error}
            onRaw={() => {
              handlers.onRaw(action)
            }}
            action={
              mayWrite && (
                <Button
                  id={`${id}-retry`}
                  variant="default"
                  loading={busy}
                  leftSection={<Icon name="retry" size={16} />}
                  onClick={() => {
                    handlers.onRetryAction(action)
                  }}
                >
                  Retry this action
                </Button>
              )
            }
          />
        )}
        {action.error !== null && (action.state === 'waiting_retry' || action.state === 'settling') && (
          <div className={classes.muted}>{action.error.message}</div>
        )}
        {action.note !== null && <div className={classes.muted}>{action.note}</div>}
        {action.state === 'blocked' && <div className={classes.muted}>Waits for an action above that failed.</div>}
        {password?.state === 'sealed' && (
          <div className={classes.password}>
            {mayWrite && (
              <Button
                id={`${id}-password`}
                variant="default"
                size="xs"
                leftSection={<Icon name="key" size={16} />}
                onClick={() => {
                  handlers.onPassword(action)
                }}
              >
                Show first password
              </Button>
            )}
            <span className={classes.muted}>
              Sealed. It can be seen once
              {password.expires_at !== null && (
                <>
                  {' '}
                  and lapses <RelativeTime at={password.expires_at} />
                </>
              )}
              .
            </span>
          </div>
        )}
        {password?.state === 'revealed' && <div className={classes.muted}>The first password was shown and cannot be seen again.</div>}
        {password?.state === 'expired' && <div className={classes.muted}>The first password lapsed unseen. Reset it in the vendor’s console.</div>}
      </div>
    </li>
  )
}

function When({ action }: { action: ActionRead }) {
  if (action.started_at === null) return null
  const started = new Date(action.started_at)
  if (action.finished_at === null) {
    return (
      <time dateTime={action.started_at} title={formatExact(started)} className="tabular">
        {formatClock(started)}
      </time>
    )
  }
  const ended = new Date(action.finished_at)
  return (
    <time dateTime={action.finished_at} title={formatExact(ended)} className="tabular">
      {formatClock(ended)} · {formatDuration(started, ended)}
    </time>
  )
}
