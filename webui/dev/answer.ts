import type { AppRead, AuditEntryRead, EmployeeRead, RequestRead, RequestState, TagRuleRead } from '../src/api/types.ts'
import { onApiKeys, type MockKey } from './keys.ts'
import { onOperators, type MockOperators } from './operators.ts'
import { apps, fewApps } from './apps.ts'
import { onAuthorize, onConnectionMethods, onConnections, type MockConnection } from './connections.ts'
import { ago } from './make.ts'
import { optionsOf } from './options.ts'
import { onRequests } from './requests.ts'
import { onSchedule, type seedSchedule } from './schedule.ts'
import { onNotifications, type MockNotifications } from './notifications.ts'
import { onTagRules } from './tag-rules.ts'
import { onTemplates, type MockTemplate } from './templates.ts'
import { ME, waitsOf } from './waiting.ts'

export interface Mock {
  signedIn: boolean
  tenant: string
  requests: RequestRead[]
  people: EmployeeRead[]
  audit: AuditEntryRead[]
  templates: MockTemplate[]
  schedule: ReturnType<typeof seedSchedule>
  rules: TagRuleRead[]
  connections: MockConnection[]
  keys: MockKey[]
  operators: MockOperators
  notifications: MockNotifications
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
    operator: { ...ME, email: 'admin@acme.example' },
    tenant,
    role: 'admin',
    tenants: TENANTS,
    permissions: ['requests:read', 'requests:write', 'employees:read', 'apps:read', 'audit:read', 'passwords:reveal', 'settings:write', 'role_templates:read', 'role_templates:write', 'schedule:read', 'schedule:write', 'connections:read', 'connections:write', 'api_keys:write', 'operators:read', 'operators:write', 'notifications:read', 'notifications:write', 'messages:read'],
  }
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
    alerts: mock.connections.filter((one) => mock.tenant === 't1' && ['needs_reauth', 'error'].includes(one.state)).map(({ id, vendor, title, state, reason, remedy }) => ({ connection_id: id, vendor, title, state, reason, remedy, since: ago(5_000) })),
    waiting_for: waitsOf(mock.requests),
    waiting: mock.requests.filter((one) => waits.includes(one.state)).slice(0, 6),
    recent: mock.requests.slice(0, 8),
  }
}

function onApps(all: AppRead[], method: string, [id, what, name]: string[], q: string, body: Record<string, unknown>): Reply {
  if (id === undefined) return ok({ items: all })
  const found = all.find((one) => one.key === id)
  if (!found) return problem(404, 'app_not_found', 'There is no such app.')
  if (what === 'options') return ok({ items: optionsOf(id, name ?? '', q), fetched_at: ago(3), stale: false, error: null })
  if (method === 'PUT') {
    if (typeof body.offered === 'boolean') found.offered = body.offered
    if (typeof body.defaults === 'object' && body.defaults !== null) found.defaults = { ...body.defaults }
    found.enabled = found.offered && found.connection !== null
  }
  return ok(found)
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
  if (root === 'auth') return { status: 302, location: onAuthorize(mock.connections, parts[2] ?? '', url) }
  if (!mock.signedIn) return problem(401, 'signed_out', 'Sign in again.')
  await new Promise((resolve) => setTimeout(resolve, 80))
  if (noun === 'role-templates') return onTemplates(mock.templates, method, parts.slice(2), body)
  if (noun === 'schedule') return onSchedule(mock.schedule, method, url, parts.slice(2), body, (items) => page(items, url))
  if (noun === 'tag-rules') return onTagRules(mock, method, parts.slice(2), body)
  if (noun === 'connections') return onConnections(mock.tenant === 't1' ? mock.connections : [], method, parts.slice(2), body)
  if (noun === 'api-keys') return onApiKeys(mock.tenant === 't1' ? mock.keys : [], method, id, body)
  if (noun === 'operators') return onOperators(mock.operators, method, id, q, body)
  if (noun === 'ms365') return onNotifications(mock.notifications, method, url, parts.slice(2), body, (items) => page(items, url))
  if (noun === 'connection-methods') return onConnectionMethods()
  if (noun === 'apps') return onApps(mock.tenant === 't1' ? apps : fewApps, method, parts.slice(2), q, body)
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
  if (noun === 'requests') return onRequests(mock, method, url, parts.slice(2), body, (items) => page(items, url))
  return problem(404, 'not_found', 'There is nothing here.')
}
