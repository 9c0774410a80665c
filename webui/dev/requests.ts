import type { RequestRead } from '../src/api/types.ts'
import { ok, problem, type Mock, type Reply } from './answer.ts'
import { ago, newId, person, plan, request, titleOfApp } from './make.ts'
import { planFor } from './plans.ts'
import { simulate } from './simulate.ts'
import { used } from './templates.ts'
import { onWaiting, waitsFor } from './waiting.ts'

type Body = Record<string, unknown>

const CALLS = [
  { purpose: 'apply', method: 'POST', path: '/v1.0/users/5f0c/assignLicense', status: 429, ms: 182.4, try: 1, request_body: { addLicenses: [{ skuId: 'cbdc14ab' }], removeLicenses: [] }, response_body: { error: { code: 'TooManyRequests', message: 'Too many requests' } } },
  { purpose: 'apply', method: 'POST', path: '/v1.0/users/5f0c/assignLicense', status: 400, ms: 201.9, try: 2, request_body: { addLicenses: [{ skuId: 'cbdc14ab', disabledPlans: [] }], removeLicenses: [] }, response_body: { error: { code: 'Request_BadRequest', message: 'Subscription with SKU cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46 does not have any available licenses.', innerError: { date: '2026-11-20T14:01:12', 'request-id': 'b4c8…', 'client-request-id': 'b4c8…' } } } },
]

/** What the forms' own checks would say. */
function fieldErrors(fields: Record<string, Body>): Reply | null {
  const login = fields.github?.username
  if (typeof login !== 'string' || /^[A-Za-z0-9-]+$/.test(login)) return null
  return problem(422, 'invalid_input', 'One field needs a change.', [{ field: 'apps.github.username', message: `'${login}' is no GitHub username.`, code: 'invalid' }])
}

function create(mock: Mock, body: Body): Reply {
  const wish = body.employee as { full_name: string; work_email: string }
  if (wish.work_email.endsWith('@wrong.example')) {
    return problem(422, 'invalid_input', 'One field needs a change.', [
      { field: 'employee.work_email', message: 'wrong.example is not one of your domains (acme.example).', code: 'domain_not_allowed' },
    ])
  }
  const named = body.apps as Record<string, Body | boolean>
  const fields = Object.fromEntries(Object.entries(named).filter((entry): entry is [string, Body] => typeof entry[1] === 'object'))
  const refused = fieldErrors(fields)
  if (refused) return refused
  const who = mock.people.find((one) => one.work_email === wish.work_email) ?? person(wish.full_name, wish.work_email, { status: 'prospective' })
  const existing = mock.people.includes(who)
  if (!existing) mock.people.unshift(who)
  const made = request(who, [], {
    state: 'planned',
    dry_run: true,
    created_at: ago(0),
    apps: Object.keys(fields).map((app) => ({ app, title: titleOfApp(app) })),
    plan: plan(planFor(wish.work_email, wish.full_name, fields)),
  })
  made.employee.existing = existing
  made.role_template = used(mock.templates, body.role_template, Object.keys(fields))
  mock.requests.unshift(made)
  return ok(made, 201)
}

function onRequest(mock: Mock, found: RequestRead, method: string, rest: string[], body: Body): Reply {
  const [what, id, more] = rest
  if (what === undefined) return ok(found)
  if (what === 'plan' && found.plan) {
    found.plan = { ...found.plan, id: newId(), state: 'ready', created_at: ago(0), expires_at: ago(-3600) }
    return ok(found)
  }
  if (what === 'apply') {
    simulate(mock, found, (body.decisions ?? {}) as Record<string, Record<string, string>>)
    return ok(found, 202)
  }
  if (what === 'cancel') {
    found.state = 'cancelled'
    return ok(found)
  }
  if (what === 'retry' || more === 'retry') {
    simulate(mock, found, {}, true)
    return ok(found)
  }
  if (what === 'actions' && more === 'calls') return ok({ items: CALLS.map((call, index) => ({ ...call, at: ago(60 - index * 20) })) })
  if (what === 'actions' && more === 'first-password' && method === 'POST') {
    const action = found.results.flatMap((one) => one.actions).find((one) => one.id === id)
    if (action?.first_password?.state !== 'sealed') return problem(410, 'already_revealed', 'This password was shown before and cannot be shown again.')
    action.first_password.state = 'revealed'
    return ok({ password: 'kiwi-Trumpet-94-velvet' })
  }
  const done = what === 'actions' && more !== undefined && method === 'POST' ? onWaiting(mock, found, id, more, body) : null
  return done ?? problem(404, 'not_found', 'There is nothing here.')
}

function matching(mock: Mock, query: URLSearchParams): RequestRead[] {
  const [state, app, whom] = [query.get('state'), query.get('app'), query.get('waiting_for')]
  const q = (query.get('q') ?? '').toLowerCase()
  return mock.requests.filter(
    (one) =>
      (!state || one.state === state) &&
      (!app || one.apps.some((each) => each.app === app)) &&
      waitsFor(one, whom) &&
      `${one.employee.full_name} ${one.employee.work_email}`.toLowerCase().includes(q),
  )
}

/** What `/api/requests` would answer. */
export function onRequests(mock: Mock, method: string, url: URL, [id, ...rest]: string[], body: Body, page: (items: RequestRead[]) => unknown): Reply {
  if (id === undefined) return method === 'POST' ? create(mock, body) : ok(page(matching(mock, url.searchParams)))
  const found = mock.requests.find((one) => one.id === id)
  return found ? onRequest(mock, found, method, rest, body) : problem(404, 'request_not_found', 'There is no such request.')
}
