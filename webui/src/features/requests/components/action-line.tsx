import { Button } from '@mantine/core'
import type { ActionRead } from '@/api/types'
import { count, slug } from '@/lib/format'
import { formatClock, formatDuration, formatExact } from '@/lib/time'
import { ErrorNote } from '@/ui/error-note'
import { Icon, type IconName } from '@/ui/icons'
import { lookOf } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import type { Acting } from '../acting'
import { Countdown } from './countdown'
import { FirstPassword } from './first-password'
import { Invitation } from './invitation'
import classes from './live.module.css'
import { PersonTask, TaskDone } from './person-task'

interface ActionLineProps {
  app: string
  /** The app's name. */
  title: string
  action: ActionRead
  acting: Acting
  /** What is told of the app already, and not said again at its action. */
  told?: string | null
}

const MARKS: Record<string, IconName> = { done: 'check', failed: 'cross', skipped: 'minus', cancelled: 'minus' }
const WAITS = new Set(['awaiting_acceptance', 'awaiting_person'])

/** The id of an action's line. */
export function actionId(app: string, key: string): string {
  return `action-${slug(app)}-${slug(key)}`
}

/** One action on the timeline: state, what, when, how many tries; its error and its password where it has them. */
export function ActionLine({ app, title, action, acting, told = null }: ActionLineProps) {
  const id = actionId(app, action.key)
  const look = lookOf(action.state)
  return (
    <li id={id} className={classes.action} data-state={action.state} tabIndex={-1}>
      <span className={classes.dot} data-tone={look.tone} data-spin={action.state === 'running' || undefined} aria-hidden="true">
        <Icon name={MARKS[action.state] ?? look.icon} size={14} />
      </span>
      <div className={classes.actionBody}>
        <div className={classes.actionHead}>
          <span className={classes.actionTitle}>
            {action.title}
            {!action.title.includes(action.target) && <Truncate text={action.target} className={classes.muted} />}
          </span>
          <Facts id={id} action={action} acting={acting} />
        </div>
        {action.error !== null && action.state === 'failed' && (
          <ErrorNote
            id={`${id}-error`}
            error={action.error}
            onRaw={() => {
              acting.open('raw', action)
            }}
            action={
              acting.mayWrite && (
                <Button
                  id={`${id}-retry`}
                  variant="default"
                  loading={acting.isBusy('retry-action', action.id)}
                  leftSection={<Icon name="retry" size={16} />}
                  onClick={() => {
                    acting.run({ what: 'retry-action', action: action.id })
                  }}
                >
                  Retry this action
                </Button>
              )
            }
          />
        )}
        {action.error !== null && (action.state === 'waiting_retry' || action.state === 'settling') && !(told ?? '').startsWith(action.error.message) && (
          <div className={classes.muted}>{action.error.message}</div>
        )}
        {action.note !== null && action.state !== 'awaiting_person' && <div className={classes.muted}>{action.note}</div>}
        {action.state === 'blocked' && <div className={classes.muted}>Waits for an action above that failed.</div>}
        {action.state === 'awaiting_acceptance' && <Invitation id={id} action={action} acting={acting} />}
        {action.task !== null && <Task id={id} title={title} action={action} acting={acting} />}
        <FirstPassword id={id} action={action} acting={acting} />
      </div>
    </li>
  )
}

function Task({ id, title, action, acting }: { id: string; title: string; action: ActionRead; acting: Acting }) {
  if (action.task === null) return null
  if (action.state === 'awaiting_person') return <PersonTask id={id} title={title} action={action} task={action.task} acting={acting} />
  if (action.state === 'done') return <TaskDone task={action.task} me={acting.me} />
  return action.state === 'pending' ? <div className={classes.muted}>For a person to do, once what is before it is done.</div> : null
}

function Facts({ id, action, acting }: { id: string; action: ActionRead; acting: Acting }) {
  const look = lookOf(action.state)
  return (
    <span className={classes.facts}>
      <span data-tone={look.tone} className={classes.word}>
        {look.label}
      </span>
      {action.state === 'waiting_retry' && action.next_try_at !== null && <Countdown at={action.next_try_at} />}
      {action.tries > 1 && !WAITS.has(action.state) && <span>{count(action.tries, 'try', 'tries')}</span>}
      {!WAITS.has(action.state) && <When action={action} />}
      {action.calls > 0 && action.state !== 'failed' && (
        <button
          type="button"
          id={`${id}-calls`}
          className={classes.calls}
          aria-label={`${count(action.calls, 'call')} to the vendor: ${action.title}`}
          onClick={() => {
            acting.open('raw', action)
          }}
        >
          {count(action.calls, 'call')}
        </button>
      )}
    </span>
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
  const took = action.kind === 'manual_task' || action.kind === 'invite' ? '' : ` · ${formatDuration(started, ended)}`
  return (
    <time dateTime={action.finished_at} title={formatExact(ended)} className="tabular">
      {formatClock(ended)}
      {took}
    </time>
  )
}
