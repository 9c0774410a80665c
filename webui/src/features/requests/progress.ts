import type { ActionRead, RequestRead, ResultRead } from '@/api/types'
import { count } from '@/lib/format'
import { formatDuration } from '@/lib/time'
import { lookOf } from '@/ui/state-badge'

const FINAL_REQUEST = new Set(['completed', 'partial', 'failed', 'cancelled'])

/** Whether nothing more happens by itself. An invitation that waits for a person still can change. */
export function isFinal(request: RequestRead): boolean {
  const waits = request.results.some((result) => result.state === 'awaiting_acceptance' || result.state === 'awaiting_person')
  return FINAL_REQUEST.has(request.state) && !waits
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

/** What a request is doing, in the words of a state: running, or waiting for whom. */
export function stateWords(request: Pick<RequestRead, 'state' | 'waits_for'>): string {
  return lookOf(request.waits_for ?? request.state).label
}

/** What the tab says: the state first, so that it shows in a narrow tab. */
export function titleOf(request: RequestRead): string {
  const { actions, done } = request.counts
  const progress = request.state === 'running' && actions > 0 ? ` ${done}/${actions}` : ''
  return `${stateWords(request)}${progress} · ${request.employee.full_name}`
}

/** What is said to a screen reader when the state changes. */
export function spoken(request: RequestRead): string {
  const { actions, done, failed } = request.counts
  const words = [stateWords(request)]
  if (actions > 0) words.push(`${done} of ${count(actions, 'action')} done`)
  if (failed > 0) words.push(`${failed} failed`)
  return words.join(', ')
}

/** Whether some of the app's actions can be tried again by hand. */
export function canRetry(result: ResultRead): boolean {
  return result.state === 'error' || result.state === 'partial' || result.actions.some((action) => action.state === 'failed')
}

const TALLIED: [state: string, words: (n: number) => string][] = [
  ['failed', (n) => `${n} failed`],
  ['blocked', (n) => `${n} blocked`],
  ['awaiting_person', (n) => `${count(n, 'task')} for a person`],
  ['awaiting_acceptance', (n) => `${count(n, 'invitation')} out`],
]

/** An app in one line: how far it is; folded also what it is doing. Brief lines leave out the account's name. */
export function lineOf(result: ResultRead, open: boolean, brief = false): string {
  const real = result.actions.filter((action: ActionRead) => action.kind !== 'noop')
  const parts: string[] = []
  // An account without a name at the vendor is called by an id that tells people nothing.
  if (!brief && result.account !== null && result.account.label !== result.account.remote_id) parts.push(result.account.label)
  if (real.length === 0 && result.actions.length > 0) parts.push('nothing to do')
  else if (real.length > 0) {
    const having = (state: string) => real.filter((action) => action.state === state).length
    parts.push(`${having('done')} of ${count(real.length, 'action')} done`)
    for (const [state, words] of TALLIED) if (having(state) > 0) parts.push(words(having(state)))
  }
  const doing = open ? undefined : real.find((action) => action.state === 'running' || action.state === 'settling')
  if (doing !== undefined) parts.push(doing.title)
  if (result.started_at !== null && result.finished_at !== null) {
    parts.push(formatDuration(new Date(result.started_at), new Date(result.finished_at)))
  }
  return parts.join(' · ')
}
