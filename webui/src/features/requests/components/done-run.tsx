import { UnstyledButton } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { ActionRead } from '@/api/types'
import { count, slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import classes from './live.module.css'

function isQuiet(action: ActionRead): boolean {
  return action.state === 'done' && action.first_password?.state !== 'sealed' && action.note === null
}

/** A timeline in runs: done actions in a row with nothing to see go together, each other action stands alone. */
export function runsOf(actions: readonly ActionRead[], brief: boolean): ActionRead[][] {
  const runs: ActionRead[][] = []
  for (const action of actions) {
    const last = runs.at(-1)
    const before = last?.at(-1)
    if (brief && last && before && isQuiet(before) && isQuiet(action)) last.push(action)
    else runs.push([action])
  }
  return runs
}

/** Several done actions in one line, each of them on demand. */
export function DoneRun({ app, run, children }: { app: string; run: readonly ActionRead[]; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  const id = `done-${slug(app)}-${slug(run[0]?.key ?? '')}`
  if (open) return children
  return (
    <li className={classes.action} data-state="done">
      <span className={classes.dot} data-tone="ok" aria-hidden="true">
        <Icon name="check" size={14} />
      </span>
      <UnstyledButton
        id={id}
        className={classes.run}
        onClick={() => {
          setOpen(true)
        }}
      >
        {count(run.length, 'action')} done
        <Icon name="chevronDown" size={14} />
      </UnstyledButton>
    </li>
  )
}
