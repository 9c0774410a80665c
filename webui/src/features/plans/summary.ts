import type { PlanAppRead, PlannedActionRead, PlanRead } from '@/api/types'
import { count, joinWords } from '@/lib/format'
import { KINDS } from './kinds'

/** What a person decided, by app and by question. */
export type Decisions = Record<string, Record<string, string>>

/** The actions of an app that change something. */
export function changesOf(app: PlanAppRead): PlannedActionRead[] {
  return app.actions.filter((action) => action.kind !== 'noop')
}

/** What was decided for a question: now, or before the plan was made. */
export function decisionOf(app: PlanAppRead, code: string, decisions: Decisions): string | null {
  return decisions[app.app]?.[code] ?? app.choices.find((choice) => choice.code === code)?.selected ?? null
}

/** Whether a person chose to leave this app out. */
export function isSkipped(app: PlanAppRead, decisions: Decisions): boolean {
  return app.choices.some((choice) => decisionOf(app, choice.code, decisions) === 'skip')
}

/** The questions that still want an answer. */
export function openChoices(plan: PlanRead, decisions: Decisions): number {
  return plan.apps.flatMap((app) => app.choices.filter((choice) => decisionOf(app, choice.code, decisions) === null)).length
}

/** The first question that still wants an answer. */
export function firstOpenChoice(plan: PlanRead, decisions: Decisions): { app: string; code: string } | null {
  for (const app of plan.apps) {
    const choice = app.choices.find(({ code }) => decisionOf(app, code, decisions) === null)
    if (choice !== undefined) return { app: app.app, code: choice.code }
  }
  return null
}

/** The decisions as the server expects them: only those a person took. */
export function decisionsToSend(plan: PlanRead, decisions: Decisions): Decisions {
  const known = new Set(plan.apps.map((app) => app.app))
  return Object.fromEntries(Object.entries(decisions).filter(([app]) => known.has(app)))
}

/** How many actions there are of each kind, in the order in which people think of them. */
export function tallyOf(actions: readonly PlannedActionRead[]): Map<string, number> {
  const order = Object.keys(KINDS)
  const tally = new Map<string, number>()
  const kinds = actions.map(kindOf).sort((a, b) => order.indexOf(a) - order.indexOf(b))
  for (const kind of kinds) tally.set(kind, (tally.get(kind) ?? 0) + 1)
  return tally
}

/** The kind under which an action is counted. Waiting for an invitation to be accepted sends none. */
export function kindOf(action: PlannedActionRead): string {
  return action.kind === 'invite' && action.key === 'acceptance' ? 'acceptance' : action.kind
}

function inWords(actions: readonly PlannedActionRead[], limit: number, takes = 0): string {
  const tally = tallyOf(actions)
  if (tally.size > 1) tally.delete('acceptance')
  const kinds = [...tally.keys()]
  const phrases = kinds.slice(0, limit).map((kind) => KINDS[kind]?.phrase(tally.get(kind) ?? 0) ?? count(tally.get(kind) ?? 0, 'action'))
  const rest = kinds.slice(limit).reduce((sum, kind) => sum + (tally.get(kind) ?? 0), 0)
  if (rest > 0) phrases.push(`make ${count(rest, 'more change')}`)
  if (takes > 0) phrases.push(`take away ${takes}`)
  const sentence = joinWords(phrases)
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}

/** The plan's actions that would be taken, given the decisions. */
export function effective(plan: PlanRead, decisions: Decisions): PlannedActionRead[] {
  return plan.apps.filter((app) => app.state !== 'failed' && !isSkipped(app, decisions)).flatMap(changesOf)
}

/** What the apply button says: exactly what will be done. */
export function applyLabel(plan: PlanRead, decisions: Decisions): string {
  const actions = effective(plan, decisions)
  const takes = actions.filter((action) => action.destructive)
  if (actions.length > 0) return inWords(actions.filter((action) => !action.destructive), takes.length > 0 ? 2 : 3, takes.length)
  const adopted = plan.apps.filter((app) => app.choices.some((choice) => decisionOf(app, choice.code, decisions) === 'adopt')).length
  if (adopted > 0) return `Link ${count(adopted, 'existing account')}`
  return 'Nothing to apply'
}

/** One line about an app: “Create 1 account, assign 2 licences”. */
export function appSummary(app: PlanAppRead): string {
  const changes = changesOf(app)
  return changes.length === 0 ? 'Nothing to do' : inWords(changes, 4)
}

/** How many actions take something away. */
export function destructiveCount(actions: readonly PlannedActionRead[]): number {
  return actions.filter((action) => action.destructive).length
}

/** Whether everything is already as wished. */
export function isNothingToDo(plan: PlanRead): boolean {
  return plan.apps.every((app) => app.state === 'ready' && changesOf(app).length === 0 && app.choices.length === 0)
}
