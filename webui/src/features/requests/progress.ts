import type { RequestRead, ResultRead } from '@/api/types'
import { count } from '@/lib/format'
import { lookOf } from '@/ui/state-badge'

const FINAL_REQUEST = new Set(['completed', 'partial', 'failed', 'cancelled'])

/** Whether nothing more happens by itself. An invitation that waits for a person still can change. */
export function isFinal(request: RequestRead): boolean {
  return FINAL_REQUEST.has(request.state) && !request.results.some((result) => result.state === 'awaiting_acceptance')
}

/** Whether the request can change while one looks at it. A plan that was not applied waits for its reader. */
export function isMoving(request: RequestRead): boolean {
  if (request.state === 'planned') return request.plan?.state === 'planning'
  return !isFinal(request)
}

/** The apps in the order of the plan; an app that only the results know comes last. */
export function inPlanOrder(request: RequestRead): ResultRead[] {
  const order = (request.plan?.apps ?? request.apps).map((app) => app.app)
  const place = (result: ResultRead) => {
    const at = order.indexOf(result.app)
    return at < 0 ? order.length : at
  }
  return [...request.results].sort((a, b) => place(a) - place(b))
}

/** What the tab says: the state first, so that it shows in a narrow tab. */
export function titleOf(request: RequestRead): string {
  const { actions, done } = request.counts
  const state = lookOf(request.state).label
  const progress = request.state === 'running' && actions > 0 ? ` ${done}/${actions}` : ''
  return `${state}${progress} · ${request.employee.full_name}`
}

/** What is said to a screen reader when the state changes. */
export function spoken(request: RequestRead): string {
  const { actions, done, failed } = request.counts
  const words = [lookOf(request.state).label]
  if (actions > 0) words.push(`${done} of ${count(actions, 'action')} done`)
  if (failed > 0) words.push(`${failed} failed`)
  return words.join(', ')
}

/** Whether some of the app's actions can be tried again by hand. */
export function canRetry(result: ResultRead): boolean {
  return result.state === 'error' || result.state === 'partial' || result.actions.some((action) => action.state === 'failed')
}
