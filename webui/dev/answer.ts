import type { AuditEntryRead, EmployeeRead, RequestRead, RequestState } from '../src/api/types.ts'
import { apps, options } from './forms.ts'
import { ago, newId, person, plan, planFor, request } from './make.ts'
import { simulate } from './simulate.ts'
import { onTemplates, used, type MockTemplate } from './templates.ts'

export interface Mock {
  signedIn: boolean
  tenant: string
  requests: RequestRead[]
  people: EmployeeRead[]
  audit: AuditEntryRead[]
  templates: MockTemplate[]
  hearers: Map<string, Set<(event: string, cursor: number) => void>>
  cursor: number
}

export interface Reply {
  status: number
  body?: unknown
  location?: string
}

const TENANTS = [
  { id: 't1', slug: 'acme', name: 'Acme Manufacturing', role: 'admin' },
  { id: 't2', slug: 'globex', name: 'Globex Verkehrsinfrastrukturfinanzierungsgesellschaft mbH', role: 'admin' },
]

export const ok = (body: unknown, status = 200): Reply => ({ status, body })

export function problem(status: number, code: string, detail: string, errors: unknown[] = []): Reply {
  return { status, body: { type: `urn:oneclick:problem:${code}`, title: 'Refused', status, code, detail, correlation_id: 'c-1', errors } }
}

function page<T>(items: T[], url: URL) {
  const limit = Number(url.searchParams.get('limit') ?? 25)
  const offset = Number(url.searchParams.get('offset') ?? 0)
  return { items: items.slice(offset, offset + limit), total: items.length, limit, offset }
}

function session(mock: Mock) {
  if (!mock.signedIn) return { signed_in: false }
  const tenant = TENANTS.find((one) => one.id === mock.tenant) ?? TENANTS[0]
  return {
    signed_in: true,
    operator: { id: 'o1', name: 'Ada Admin', email: 'admin@acme.example' },
    tenant,
    role: 'admin',
    tenants: TENANTS,
    permissions: ['requests:read', 'requests:write', 'employees:read', 'apps:read', 'audit:read', 'passwords:reveal', 'settings:write', 'role_templates:read', 'role_templates:write'],
  }
}

function create(mock: Mock, body: Record<string, unknown>): Reply {
  const wish = body.employee as { full_name: string; work_email: string }
  if (wish.work_email.endsWith('@wrong.example')) {
    return problem(422, 'invalid_input', 'One field needs a change.', [
      { field: 'employee.work_email', message: 'wrong.example is not one of your domains (acme.example).', code: 'domain_not_allowed' },
    ])
  }
  const named = body.apps as Record<string, Record<string, unknown> | boolean>
  const fields = Object.fromEntries(Object.entries(named).filter((entry): entry is [string, Record<string, unknown>] => typeof entry[1] === 'object'))
  const who = mock.people.find((one) => one.work_email === wish.work_email) ?? person(wish.full_name, wish.work_email, { status: 'prospective' })
  const existing = mock.people.includes(who)
  if (!existing) mock.people.unshift(who)
  const made = request(who, [], {
    state: 'planned',
    dry_run: true,
    created_at: ago(0),
    apps: Object.keys(fields).map((app) => ({ app, title: apps.find((one) => one.key === app)?.title ?? app })),
    plan: plan(planFor(wish.work_email, wish.full_name, fields)),
  })
  made.employee.existing = existing
  made.role_template = used(mock.templates, body.role_template, Object.keys(fields))
  mock.requests.unshift(made)
  return ok(made, 201)
}

function onRequest(mock: Mock, found: RequestRead, method: string, rest: string[], body: Record<string, unknown>): Reply {
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
  if (what === 'actions' && more === 'calls') {
    return ok({
      items: [
        { method: 'POST', path: '/v1.0/users/5f0c/assignLicense', status: 429, ms: 182.4, try: 1, at: ago(60), request_body: { addLicenses: [{ skuId: 'cbdc14ab' }], removeLicenses: [] }, response_body: { error: { code: 'TooManyRequests', message: 'Too many requests' } } },
        { method: 'POST', path: '/v1.0/users/5f0c/assignLicense', status: 400, ms: 201.9, try: 2, at: ago(40), request_body: { addLicenses: [{ skuId: 'cbdc14ab', disabledPlans: [] }], removeLicenses: [] }, response_body: { error: { code: 'Request_BadRequest', message: 'Subscription with SKU cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46 does not have any available licenses.', innerError: { date: '2026-11-20T14:01:12', 'request-id': 'b4c8…', 'client-request-id': 'b4c8…' } } } },
      ],
    })
  }
  if (what === 'actions' && more === 'first-password' && method === 'POST') {
    const action = found.results.flatMap((one) => one.actions).find((one) => one.id === id)
    if (action?.first_password?.state !== 'sealed') return problem(410, 'already_revealed', 'This password was shown before and cannot be shown again.')
    action.first_password.state = 'revealed'
    return ok({ password: 'kiwi-Trumpet-94-velvet' })
  }
  return problem(404, 'not_found', 'There is nothing here.')
}

function overview(mock: Mock) {
  const tally = (list: RequestRead[]) => {
    const sums: Record<string, number> = {}
    for (const { state } of list) sums[state] = (sums[state] ?? 0) + 1
    return sums
  }
  const since = (seconds: number) => mock.requests.filter((one) => one.created_at >= ago(seconds))
  const waits: RequestState[] = ['running', 'partial', 'planned']
  return {
    today: tally(since(86_400)),
    week: tally(since(7 * 86_400)),
    waiting: mock.requests.filter((one) => waits.includes(one.state)).slice(0, 6),
    recent: mock.requests.slice(0, 8),
  }
}

/** What the services would answer, more or less. */
export async function answer(mock: Mock, method: string, url: URL, raw: unknown): Promise<Reply> {
  const body = raw as Record<string, unknown>
  const parts = url.pathname.split('/').filter(Boolean)
  const [root, noun, id] = parts
  const q = (url.searchParams.get('q') ?? '').toLowerCase()
  if (root === 'bff') {
    if (noun === 'session') return ok(session(mock))
    if (noun === 'sign-in') {
      mock.signedIn = true
      return { status: 302, location: url.searchParams.get('return_to') ?? '/' }
    }
    if (noun === 'tenant') mock.tenant = String(body.tenant_id)
    if (noun === 'sign-out') mock.signedIn = false
    return ok(noun === 'sign-out' ? { redirect: '/sign-in' } : session(mock))
  }
  if (!mock.signedIn) return problem(401, 'signed_out', 'Sign in again.')
  await new Promise((resolve) => setTimeout(resolve, 80))
  if (noun === 'role-templates') return onTemplates(mock.templates, method, parts.slice(2), body)
  if (noun === 'apps' && id === undefined) return ok({ items: apps })
  if (noun === 'apps' && method === 'PUT') {
    const found = apps.find((one) => one.key === id)
    if (!found) return problem(404, 'app_not_found', 'There is no such app.')
    found.offered = body.offered === true
    found.enabled = found.offered && found.connection !== null
    return ok(found)
  }
  if (noun === 'apps') {
    const items = (options[`${id}/${parts[4]}`] ?? []).filter((one) => `${one.label} ${one.value} ${one.detail}`.toLowerCase().includes(q))
    return ok({ items, fetched_at: ago(3), stale: false })
  }
  if (noun === 'overview') return ok(overview(mock))
  if (noun === 'audit') return ok(page(mock.audit.filter((one) => one.action.includes(url.searchParams.get('action') ?? '')), url))
  if (noun === 'employees' && id === 'by-email') {
    const found = mock.people.find((one) => one.work_email === url.searchParams.get('work_email')?.toLowerCase())
    return found ? ok(found) : problem(404, 'employee_not_found', 'There is no such person.')
  }
  if (noun === 'employees' && id !== undefined) {
    const found = mock.people.find((one) => one.id === id)
    if (!found) return problem(404, 'employee_not_found', 'There is no such person.')
    return ok({ ...found, requests: mock.requests.filter((one) => one.employee.id === id) })
  }
  if (noun === 'employees') {
    const status = url.searchParams.get('status')
    return ok(page(mock.people.filter((one) => `${one.full_name} ${one.work_email}`.toLowerCase().includes(q) && (!status || one.status === status)), url))
  }
  if (noun === 'requests' && id === undefined) {
    if (method === 'POST') return create(mock, body)
    const state = url.searchParams.get('state')
    const app = url.searchParams.get('app')
    return ok(page(mock.requests.filter((one) => (!state || one.state === state) && (!app || one.apps.some((each) => each.app === app)) && `${one.employee.full_name} ${one.employee.work_email}`.toLowerCase().includes(q)), url))
  }
  const found = mock.requests.find((one) => one.id === id)
  return found ? onRequest(mock, found, method, parts.slice(3), body) : problem(404, 'request_not_found', 'There is no such request.')
}
