import { Stack } from '@mantine/core'
import type { PlanRead } from '@/api/types'
import { count } from '@/lib/format'
import { Note } from '@/ui/note'
import { PlanAppCard } from './plan-app-card'
import { destructiveCount, effective, isNothingToDo, openChoices, type Decisions } from './summary'

interface PlanDiffProps {
  plan: PlanRead
  decisions?: Decisions
  /** Without it the plan is only shown. */
  onDecide?: (app: string, code: string, value: string) => void
  /** Leads back to the app's form; only where there is one. */
  onEdit?: (app: string) => void
}

/** The plan, app by app: the one component that shows what will happen, wherever it is shown. */
export function PlanDiff({ plan, decisions = {}, onDecide, onEdit }: PlanDiffProps) {
  const takes = destructiveCount(effective(plan, decisions))
  const open = openChoices(plan, decisions)
  return (
    <Stack gap="md">
      {isNothingToDo(plan) && (
        <Note tone="ok" id="plan-nothing" title="Nothing to do" role="status">
          Every account, licence and group is already as you want it.
        </Note>
      )}
      {takes > 0 && (
        <Note tone="bad" id="plan-destructive" title={`${count(takes, 'action')} ${takes === 1 ? 'takes' : 'take'} something away`}>
          {takes === 1 ? 'It is' : 'They are'} marked below. Check {takes === 1 ? 'it' : 'them'} before you go on.
        </Note>
      )}
      {open > 0 && onDecide && (
        <Note tone="warn" id="plan-open-choices" title={`${count(open, 'decision')} needed`}>
          Choose below what shall happen with what is already there.
        </Note>
      )}
      {plan.apps.map((app) => (
        <PlanAppCard key={app.app} app={app} decisions={decisions} onDecide={onDecide} onEdit={onEdit} />
      ))}
    </Stack>
  )
}
