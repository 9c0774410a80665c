import { Icon, type IconName } from './icons'
import type { Tone } from './tone'
import { humanize } from '@/lib/format'
import classes from './state-badge.module.css'

interface Look {
  label: string
  tone: Tone
  icon: IconName
}

const LOOKS: Record<string, Look> = {
  // requests
  planned: { label: 'Planned', tone: 'neutral', icon: 'list' },
  queued: { label: 'Queued', tone: 'neutral', icon: 'clock' },
  scheduled: { label: 'Scheduled', tone: 'neutral', icon: 'clock' },
  completed: { label: 'Completed', tone: 'ok', icon: 'done' },
  partial: { label: 'Partly done', tone: 'warn', icon: 'half' },
  failed: { label: 'Failed', tone: 'bad', icon: 'alert' },
  cancelled: { label: 'Cancelled', tone: 'neutral', icon: 'stop' },
  // schedules and their runs
  executing: { label: 'Running', tone: 'info', icon: 'running' },
  due: { label: 'Due', tone: 'info', icon: 'running' },
  needs_person: { label: 'Waits for a person', tone: 'warn', icon: 'task' },
  missed: { label: 'Missed', tone: 'warn', icon: 'warning' },
  // results and actions
  pending: { label: 'Waiting to start', tone: 'neutral', icon: 'circle' },
  running: { label: 'Running', tone: 'info', icon: 'running' },
  waiting_retry: { label: 'Will try again', tone: 'warn', icon: 'retry' },
  settling: { label: 'Settling', tone: 'info', icon: 'clock' },
  awaiting_acceptance: { label: 'Waits for acceptance', tone: 'info', icon: 'mail' },
  awaiting_person: { label: 'Waits for a person', tone: 'warn', icon: 'task' },
  success: { label: 'Done', tone: 'ok', icon: 'done' },
  done: { label: 'Done', tone: 'ok', icon: 'done' },
  error: { label: 'Failed', tone: 'bad', icon: 'alert' },
  blocked: { label: 'Blocked', tone: 'neutral', icon: 'blocked' },
  skipped: { label: 'Skipped', tone: 'neutral', icon: 'minus' },
  // plans
  planning: { label: 'Planning', tone: 'info', icon: 'running' },
  ready: { label: 'Ready', tone: 'ok', icon: 'done' },
  needs_decision: { label: 'Needs a decision', tone: 'warn', icon: 'warning' },
  applying: { label: 'Being applied', tone: 'info', icon: 'running' },
  applied: { label: 'Applied', tone: 'neutral', icon: 'done' },
  expired: { label: 'Expired', tone: 'neutral', icon: 'clock' },
  superseded: { label: 'Replaced', tone: 'neutral', icon: 'swap' },
  // people, accounts, connections
  active: { label: 'Active', tone: 'ok', icon: 'done' },
  prospective: { label: 'Not started', tone: 'neutral', icon: 'circle' },
  left: { label: 'Left', tone: 'neutral', icon: 'signOut' },
  unknown: { label: 'Unknown', tone: 'neutral', icon: 'circle' },
  suspended: { label: 'Suspended', tone: 'warn', icon: 'stop' },
  deleted: { label: 'Deleted', tone: 'neutral', icon: 'trash' },
  expiring: { label: 'Expiring', tone: 'warn', icon: 'clock' },
  needs_reauth: { label: 'Action required', tone: 'bad', icon: 'alert' },
  disconnected: { label: 'Not connected', tone: 'neutral', icon: 'blocked' },
  invited: { label: 'Not signed in yet', tone: 'info', icon: 'mail' },
  disabled: { label: 'Disabled', tone: 'neutral', icon: 'blocked' },
  revoked: { label: 'Revoked', tone: 'neutral', icon: 'blocked' },
  denied: { label: 'Refused', tone: 'bad', icon: 'blocked' },
  // subscriptions and notifications
  creating: { label: 'Being made', tone: 'info', icon: 'running' },
  failing: { label: 'Refused', tone: 'bad', icon: 'alert' },
  lapsed: { label: 'Lapsed', tone: 'bad', icon: 'warning' },
  deleting: { label: 'Being ended', tone: 'neutral', icon: 'running' },
  retrying: { label: 'Will try again', tone: 'warn', icon: 'retry' },
  dead: { label: 'Given up', tone: 'bad', icon: 'alert' },
  refused: { label: 'Refused', tone: 'bad', icon: 'blocked' },
}

/** The words, icon and tone of a state; an unknown state is shown as it came. */
export function lookOf(state: string): Look {
  return LOOKS[state] ?? { label: humanize(state), tone: 'neutral', icon: 'circle' }
}

interface StateBadgeProps {
  state: string
  label?: string
  /** Another state whose words say more: a running request may be waiting for somebody. */
  shown?: string | null
  quiet?: boolean
}

/** A state as icon and word. */
export function StateBadge({ state, label, shown, quiet = false }: StateBadgeProps) {
  const look = lookOf(shown ?? state)
  return (
    <span className={classes.badge} data-tone={look.tone} data-quiet={quiet || undefined} data-state={state}>
      <Icon name={look.icon} size={14} data-spin={look.icon === 'running' || undefined} />
      {label ?? look.label}
    </span>
  )
}
