import type { PlanRead, RequestCreate, ScheduleCreate } from '@/api/types'
import { decisionOf, isSkipped, type Decisions } from '@/features/plans/summary'
import { toTiming, type When } from '@/features/schedule/when'

const EXISTING = 'existing_account'

/** What becomes of an account that exists when the day has come: linked where all of those found now are to be, asked about otherwise. */
export function existingThen(plan: PlanRead, decisions: Decisions): 'ask' | 'adopt' {
  const asked = plan.apps.filter((app) => !isSkipped(app, decisions) && app.choices.some(({ code }) => code === EXISTING))
  return asked.length > 0 && asked.every((app) => decisionOf(app, EXISTING, decisions) === 'adopt') ? 'adopt' : 'ask'
}

/** A wish that runs later: without the apps that were left out in the plan, which is made anew then. */
export function laterWish(wish: RequestCreate, plan: PlanRead, decisions: Decisions, when: When): ScheduleCreate {
  const { employee, role_template, tags } = wish
  const out = plan.apps.filter((app) => isSkipped(app, decisions)).map(({ app }) => [app, false] as const)
  return {
    kind: 'onboard',
    employee,
    apps: { ...wish.apps, ...Object.fromEntries(out) },
    existing_account: existingThen(plan, decisions),
    ...(tags === undefined ? {} : { tags }),
    ...(role_template === undefined ? {} : { role_template }),
    ...toTiming(when),
  }
}
