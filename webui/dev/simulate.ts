import type { ActionRead, RequestRead } from '../src/api/types.ts'
import type { Mock } from './answer.ts'
import { action, ago, counts, result } from './make.ts'
import { taskOf } from './plans.ts'
import { invited, ME, settle } from './waiting.ts'

/** Hears what changes in a request; the answer stops it. */
export function subscribe(mock: Mock, id: string, hear: (event: string, cursor: number) => void): () => void {
  const hearers = mock.hearers.get(id) ?? new Set()
  mock.hearers.set(id, hearers)
  hearers.add(hear)
  return () => hearers.delete(hear)
}

/** Tells those who follow a request that something changed. */
export function tell(mock: Mock, id: string, event: string) {
  mock.cursor += 1
  for (const hear of mock.hearers.get(id) ?? []) hear(event, mock.cursor)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function take(mock: Mock, request: RequestRead, one: ActionRead) {
  Object.assign(one, { state: 'running', started_at: ago(0), tries: one.tries + 1, error: null })
  request.counts = counts(request.results)
  tell(mock, request.id, 'action.changed')
  await pause(500 + Math.random() * 1200)
  if (one.kind === 'invite') Object.assign(one, invited())
  else if (one.kind === 'manual_task') Object.assign(one, { state: 'awaiting_person', task: taskOf(one, ME) })
  else Object.assign(one, { state: 'done', finished_at: ago(0), effect: 'confirmed', calls: one.calls + 2 })
  if (one.kind === 'create') one.first_password = { state: 'sealed', expires_at: ago(-86_400) }
  request.counts = counts(request.results)
  tell(mock, request.id, 'action.changed')
}

/** Runs a request in front of the reader's eyes. */
export function simulate(mock: Mock, request: RequestRead, decisions: Record<string, Record<string, string>>, again = false) {
  if (!again && request.plan) {
    request.plan.state = 'applied'
    request.results = request.plan.apps
      .filter((app) => decisions[app.app]?.existing_account !== 'skip')
      .map((app) => result(app.app, app.actions.map((one) => action(one))))
    request.apps = request.results.map(({ app, title }) => ({ app, title }))
  }
  Object.assign(request, { state: 'running', dry_run: false, finished_at: null })
  request.counts = counts(request.results)
  tell(mock, request.id, 'request.changed')
  const runs = request.results.map(async (one) => {
    Object.assign(one, { state: 'running', started_at: one.started_at ?? ago(0), error: null, next_try_at: null })
    for (const each of one.actions) if (each.state !== 'done' && !each.state.startsWith('awaiting')) await take(mock, request, each)
    one.account = { remote_id: '1', label: request.employee.work_email, url: 'https://admin.example/user/1' }
    one.state = 'success'
    one.finished_at = one.actions.every((each) => each.state === 'done') ? ago(0) : null
    tell(mock, request.id, 'result.changed')
  })
  void Promise.all(runs).then(() => {
    settle(request)
    if (request.state !== 'running') request.finished_at = ago(0)
    tell(mock, request.id, 'request.changed')
  })
}
