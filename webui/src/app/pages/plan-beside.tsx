import { UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import type { PlanRead } from '@/api/types'
import { PlanDiff } from '@/features/plans/plan-diff'
import { Icon } from '@/ui/icons'
import classes from './request-page.module.css'

/** The plan that was applied, folded: to compare what was said with what happened. */
export function PlanBeside({ plan }: { plan: PlanRead }) {
  const [open, setOpen] = useState(false)
  return (
    <div>
      <UnstyledButton
        id="request-plan-toggle"
        className={classes.fold}
        aria-expanded={open}
        aria-controls="request-plan"
        onClick={() => {
          setOpen(!open)
        }}
      >
        <Icon name={open ? 'chevronDown' : 'chevronRight'} size={16} />
        The plan as it was applied
      </UnstyledButton>
      {open && (
        <div id="request-plan" className={classes.plan}>
          <PlanDiff plan={plan} />
        </div>
      )}
    </div>
  )
}
