import { Button } from '@mantine/core'
import type { ActionRead, TaskRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import type { Acting } from '../acting'
import classes from './waits.module.css'

/** “yours”, “Grace Hopper’s”, “nobody’s yet”. */
export function ownerOf(task: TaskRead, me: string | null): string {
  if (task.assignee === null) return 'nobody’s yet'
  return task.assignee.id === me ? 'yours' : `${task.assignee.name}’s`
}

/** Whose a task is, and the ways to take it, hand it over or let it go. */
export function TaskOwner({ id, action, task, acting }: { id: string; action: ActionRead; task: TaskRead; acting: Acting }) {
  const mine = task.assignee !== null && task.assignee.id === acting.me
  const busy = acting.isBusy('assign', action.id)
  return (
    <div className={classes.owner}>
      <span id={`${id}-assignee`} className={classes.ownerName}>
        <Icon name="people" size={16} />
        <span>This task is {ownerOf(task, acting.me)}</span>
      </span>
      {acting.mayWrite && (
        <span className={classes.buttons}>
          {!mine && (
            <Button
              id={`${id}-take`}
              variant="default"
              size="compact-xs"
              loading={busy}
              onClick={() => {
                acting.run({ what: 'assign', action: action.id, assignee: 'me' })
              }}
            >
              Take it over
            </Button>
          )}
          <Button
            id={`${id}-hand-over`}
            variant="default"
            size="compact-xs"
            aria-haspopup="dialog"
            onClick={() => {
              acting.open('hand-over', action)
            }}
          >
            Hand over
          </Button>
          {mine && (
            <Button
              id={`${id}-release`}
              variant="subtle"
              size="compact-xs"
              loading={busy}
              onClick={() => {
                acting.run({ what: 'assign', action: action.id, assignee: null })
              }}
            >
              Let it go
            </Button>
          )}
        </span>
      )}
    </div>
  )
}
