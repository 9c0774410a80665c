import { useState, type ReactNode } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { PlanRead, RequestRead } from '@/api/types'
import { useApplyPlan, useRemakePlan } from '@/features/hire/api'
import { applyLabel, decisionsToSend, effective, isNothingToDo, openChoices, type Decisions } from '@/features/plans/summary'
import { Note } from '@/ui/note'

export interface PlanReview {
  plan: PlanRead | null
  decisions: Decisions
  decide: (app: string, code: string, value: string) => void
  apply: () => void
  remake: () => void
  label: string
  /** Why it cannot be applied now, or null when it can. */
  obstacle: string | null
  nothing: boolean
  /** No app could be planned: there is nothing that an apply button could say. */
  hopeless: boolean
  busy: boolean
  note: ReactNode
}

/** Why a plan cannot be applied now. */
function obstacleOf(plan: PlanRead, decisions: Decisions): string | null {
  if (plan.state === 'planning') return 'The plan is being made'
  if (openChoices(plan, decisions) > 0) return 'Decide first what is asked above'
  if (plan.apps.every((app) => app.state === 'failed')) return 'No app could be planned. Go back and change what is named above'
  const chose = Object.keys(decisions).length > 0
  return effective(plan, decisions).length === 0 && !chose ? 'Nothing to apply' : null
}

/** Holds what a person decides about a plan, applies exactly that plan, and shows the new one when the old is refused. */
export function usePlanReview(request: RequestRead, onApplied: (request: RequestRead) => void): PlanReview {
  const [newer, setNewer] = useState<PlanRead | null>(null)
  const [decisions, setDecisions] = useState<Decisions>({})
  const applying = useApplyPlan()
  const remaking = useRemakePlan()
  const plan = newer !== null && (request.plan === null || newer.created_at >= request.plan.created_at) ? newer : request.plan
  const error = applying.error ?? remaking.error
  const stale = applying.error instanceof ApiError && applying.error.plan !== null

  function remake() {
    applying.reset()
    remaking.mutate(request.id, {
      onSuccess: (next) => {
        setNewer(next.plan)
      },
    })
  }

  function apply() {
    if (plan === null) return
    remaking.reset()
    applying.mutate(
      { requestId: request.id, apply: { plan_id: plan.id, decisions: decisionsToSend(plan, decisions) } },
      {
        onSuccess: onApplied,
        onError: (refusal) => {
          if (!(refusal instanceof ApiError)) return
          if (refusal.plan !== null) setNewer(refusal.plan)
          else if (['plan_expired', 'plan_used', 'plan_stale'].includes(refusal.code)) remake()
        },
      },
    )
  }

  return {
    plan,
    decisions,
    decide: (app, code, value) => {
      setDecisions((before) => ({ ...before, [app]: { ...before[app], [code]: value } }))
    },
    apply,
    remake,
    label: plan === null ? '' : applyLabel(plan, decisions),
    obstacle: plan === null ? 'There is no plan' : obstacleOf(plan, decisions),
    nothing: plan !== null && isNothingToDo(plan),
    hopeless: plan !== null && plan.apps.every((app) => app.state === 'failed'),
    busy: applying.isPending || remaking.isPending,
    note: error !== null && (
      <Note tone={stale ? 'warn' : 'bad'} role="alert" id="plan-refused" title={stale ? 'The plan has changed' : 'It was not applied'}>
        {stale ? 'Something changed at a vendor since the plan was made. Below is the new plan; nothing has been done yet.' : messageOf(error)}
      </Note>
    ),
  }
}
