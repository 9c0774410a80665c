import type { PlannedActionRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import { slug } from '@/lib/format'
import { Truncate } from '@/ui/truncate'
import { BeforeAfter } from './before-after'
import { iconOf } from './kinds'
import classes from './plans.module.css'
import { kindOf } from './summary'

/** One line of a plan: verb, object, before → after, and a mark when it takes something away. */
export function PlannedAction({ app, action }: { app: string; action: PlannedActionRead }) {
  const id = `plan-${slug(app)}-${slug(action.key)}`
  const named = action.title.includes(action.target)
  return (
    <li id={id} className={classes.action} data-destructive={action.destructive || undefined}>
      <Icon name={iconOf(kindOf(action))} size={16} className={classes.actionIcon} />
      <div className={classes.actionText}>
        <div className={classes.actionTitle}>
          <span>{action.title}</span>
          {!named && <Truncate text={action.target} className={classes.target} />}
          {action.kind === 'manual_task' && <span className={classes.mark}>For a person</span>}
          {action.destructive && <span className={classes.takes}>Takes away</span>}
          {action.destructive && !action.reversible && <span className={classes.takes}>Cannot be undone</span>}
        </div>
        <BeforeAfter id={id} title={action.title} before={action.before} after={action.after} />
      </div>
    </li>
  )
}
