import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { RequestRead } from '@/api/types'
import { dropPlanned } from '@/features/hire/api'
import { openChoices } from '@/features/plans/summary'
import { scheduleZoneQuery, useCreateSchedule } from '@/features/schedule/api'
import { firstWhen, whenProblems, type When } from '@/features/schedule/when'
import { useWhenPreview } from '@/features/schedule/when-preview'
import { can, sessionQuery } from '@/features/session/api'
import { readerZone } from '@/lib/zones'
import type { PlanReview } from '../use-plan-review'
import { existingThen, laterWish } from './later'
import type { WizardState } from './use-wizard'
import { toWish } from './wizard'

/** Whether the hire runs now or on a date, and the schedule that it becomes. */
export function useLater(wizard: WizardState, request: RequestRead, review: PlanReview) {
  const navigate = useNavigate()
  const { data: session } = useQuery(sessionQuery)
  const allowed = can(session, 'schedule:write')
  const zone = useQuery({ ...scheduleZoneQuery, enabled: allowed })
  const [chosen, setChosen] = useState<When | null>(null)
  const [isLater, setIsLater] = useState(false)
  const [keys] = useState(() => new Map<string, string>())
  const creating = useCreateSchedule()
  // Until somebody chose, it follows the start date and the tenant's zone.
  const when = chosen ?? firstWhen(wizard.draft.person.start_date, zone.data ?? readerZone(), new Date())
  const { preview, errors: found } = useWhenPreview(when, isLater)
  const refused = creating.error instanceof ApiError ? creating.error.byField() : {}
  const { plan, decisions } = review

  function schedule() {
    if (plan === null) return
    const body = laterWish(toWish(wizard.draft, wizard.steps), plan, decisions, when)
    const name = JSON.stringify(body)
    const idempotencyKey = keys.get(name) ?? crypto.randomUUID()
    keys.set(name, idempotencyKey)
    creating.mutate(
      { body, idempotencyKey },
      {
        onSuccess: (made) => {
          // The plan was for looking: on the day another one is made.
          dropPlanned(request.id)
          void navigate({ to: '/schedule/$scheduleId', params: { scheduleId: made.id } })
        },
        onError: (error) => {
          if (error instanceof ApiError) wizard.takeErrors(error.byField())
        },
      },
    )
  }

  return {
    offered: allowed && plan !== null && plan.state !== 'planning' && !review.nothing && !review.hopeless,
    isLater,
    choose: (later: boolean) => {
      setIsLater(later)
      creating.reset()
    },
    when,
    change: (part: Partial<When>) => {
      setChosen({ ...when, ...part })
      creating.reset()
    },
    preview,
    errors: { ...whenProblems(when), ...found, ...refused } as Record<string, string>,
    ready: Object.keys({ ...whenProblems(when), ...found }).length === 0,
    refusal: creating.error === null ? null : messageOf(creating.error),
    busy: creating.isPending,
    open: plan === null ? 0 : openChoices(plan, decisions),
    links: plan !== null && existingThen(plan, decisions) === 'adopt',
    schedule,
  }
}

export type Later = ReturnType<typeof useLater>
