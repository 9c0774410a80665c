import type { ActionRead, RequestRead, ResultRead, WaitsRead } from '../src/api/types.ts'
import { problem, type Mock, type Reply, ok } from './answer.ts'
import { ago, counts } from './make.ts'
import { tell } from './simulate.ts'

/** Who is signed in. */
export const ME = { id: 'o1', name: 'Ada Admin' }

const ENDED = new Set(['success', 'partial', 'error', 'cancelled'])
const DAY = 86_400

/** Brings an app and its request in line with their actions, as the services would. */
export function settle(request: RequestRead): void {
  for (const one of request.results) one.state = resultOf(one)
  request.counts = counts(request.results)
  const states = request.results.map((one) => one.state)
  const waits = states.find((state) => state === 'awaiting_person') ?? states.find((state) => state === 'awaiting_acceptance')
  const still = states.every((state) => ENDED.has(state) || state === waits || state === 'awaiting_acceptance')
  request.waits_for = still && (waits === 'awaiting_person' || waits === 'awaiting_acceptance') ? waits : null
  if (!states.every((state) => ENDED.has(state))) request.state = 'running'
  else request.state = states.every((state) => state === 'success') ? 'completed' : states.includes('success') ? 'partial' : 'failed'
}

function resultOf(result: ResultRead): ResultRead['state'] {
  const states = result.actions.map((one) => one.state)
  const has = (state: ActionRead['state']) => states.includes(state)
  const dates = result.actions.flatMap((one) => (one.state === 'awaiting_acceptance' && one.expires_at !== null ? [one.expires_at] : []))
  result.expires_at = dates.sort()[0] ?? null
  if (has('running') || has('settling')) return 'running'
  if (has('waiting_retry')) return 'waiting_retry'
  if (has('awaiting_person')) return 'awaiting_person'
  if (has('awaiting_acceptance')) return 'awaiting_acceptance'
  if (states.every((state) => state === 'pending')) return 'pending'
  if (has('pending')) return 'running'
  if (has('failed')) return has('done') ? 'partial' : 'error'
  return 'success'
}

function tasks(request: RequestRead): ActionRead[] {
  return request.results.flatMap((one) => one.actions).filter((one) => one.state === 'awaiting_person')
}

function invitations(request: RequestRead): number {
  return request.results.flatMap((one) => one.actions).filter((one) => one.state === 'awaiting_acceptance').length
}

/** Whether a request waits for whom the filter says. */
export function waitsFor(request: RequestRead, whom: string | null): boolean {
  if (whom === 'invited') return invitations(request) > 0
  if (whom === 'me') return tasks(request).some((one) => one.task?.assignee?.id === ME.id)
  if (whom === 'nobody') return tasks(request).some((one) => one.task?.assignee === null)
  return whom === null || tasks(request).length > 0
}

/** How much waits for whom. */
export function waitsOf(requests: readonly RequestRead[]): WaitsRead {
  const found = new Map<string | null, WaitsRead['tasks'][number]>()
  for (const { task } of requests.flatMap(tasks)) {
    const assignee = task?.assignee ?? null
    const entry = found.get(assignee?.id ?? null) ?? { assignee, tasks: 0 }
    entry.tasks += 1
    found.set(assignee?.id ?? null, entry)
  }
  return {
    mine: found.get(ME.id)?.tasks ?? 0,
    tasks: [...found.values()].sort((a, b) => b.tasks - a.tasks),
    invitations: requests.reduce((sum, one) => sum + invitations(one), 0),
  }
}

/** An invitation as it is out. */
export function invited(sent = 0, days = 7): Partial<ActionRead> {
  return { state: 'awaiting_acceptance', started_at: ago(sent), sent_at: ago(sent), expires_at: ago(sent - days * DAY), next_look_at: ago(-740), effect: 'confirmed', tries: 1, calls: 3 }
}

function later(mock: Mock, request: RequestRead, ms: number, change: () => void) {
  setTimeout(() => {
    change()
    settle(request)
    tell(mock, request.id, 'action.changed')
  }, ms)
}

function say(mock: Mock, request: RequestRead, one: ActionRead, note: unknown) {
  if (one.task === null) return
  const before = one.task.said_done !== null
  one.note = null
  one.task = { ...one.task, checking: true, said_done: { at: ago(0), by: ME, note: typeof note === 'string' ? note : null } }
  later(mock, request, 2500, () => {
    if (one.task) one.task = { ...one.task, checking: false }
    if (before) Object.assign(one, { state: 'done', finished_at: ago(0), effect: 'confirmed' })
    else one.note = 'Slack does not show it yet.'
  })
}

/** What people do about actions that wait. */
export function onWaiting(mock: Mock, request: RequestRead, id: string | undefined, verb: string, body: Record<string, unknown>): Reply | null {
  const one = request.results.flatMap((result) => result.actions).find((action) => action.id === id)
  if (one === undefined) return null
  if (verb === 'resend') {
    Object.assign(one, { state: 'pending', error: null })
    later(mock, request, 900, () => Object.assign(one, { state: 'running', started_at: one.started_at }))
    later(mock, request, 2600, () => Object.assign(one, invited(), { started_at: one.started_at }))
  } else if (verb === 'look') {
    one.next_look_at = ago(0)
    later(mock, request, 1800, () => Object.assign(one, { state: 'done', finished_at: ago(0), expires_at: null, next_look_at: null }))
  } else if (verb === 'done') say(mock, request, one, body.note)
  else if (verb === 'assign' && one.task) {
    const to = body.assignee
    if (typeof to === 'string' && to !== 'me' && !to.endsWith('@acme.example')) {
      return problem(422, 'invalid_input', 'assignee: Nobody of this tenant signs in with this address.', [{ field: 'assignee', message: 'Nobody of this tenant signs in with this address.', code: 'unknown_operator' }])
    }
    one.task = { ...one.task, assignee: to === null ? null : to === 'me' ? ME : { id: 'o2', name: 'Hal Helpdesk' } }
  } else return null
  settle(request)
  return ok(request, 202)
}
