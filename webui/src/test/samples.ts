import type { ActionRead, ApiKeyRead, AppRead, ConnectionDetail, ConnectionMethodRead, OperatorRead, PlanAppRead, PlannedActionRead, PlanRead, RequestRead, ResultRead, RoleTemplateRead, TaskRead, VendorMethodsRead } from '@/api/types'

export function plannedAction(kind: PlannedActionRead['kind'], extra: Partial<PlannedActionRead> = {}): PlannedActionRead {
  return { key: kind, kind, title: kind, target: kind, before: null, after: null, reversible: true, destructive: false, depends_on: [], ...extra }
}

export function planApp(app: string, actions: PlannedActionRead[], extra: Partial<PlanAppRead> = {}): PlanAppRead {
  return { app, title: app, state: 'ready', actions, warnings: [], choices: [], seats: [], error: null, fingerprint: null, ...extra }
}

export function planOf(...apps: PlanAppRead[]): PlanRead {
  return { id: 'p1', state: 'ready', created_at: '2026-11-20T10:00:00Z', expires_at: null, apps }
}

export function actionOf(extra: Partial<ActionRead> = {}): ActionRead {
  return {
    ...plannedAction('create'),
    id: 'a1',
    state: 'done',
    tries: 1,
    started_at: null,
    sent_at: null,
    finished_at: null,
    next_try_at: null,
    expires_at: null,
    next_look_at: null,
    error: null,
    task: null,
    effect: null,
    first_password: null,
    note: null,
    calls: 0,
    ...extra,
  }
}

export function taskOf(extra: Partial<TaskRead> = {}): TaskRead {
  return { instructions: ['Go to the desk.', 'Make a card.'], link: 'https://club.example/desk', assignee: null, said_done: null, checking: false, ...extra }
}

export function resultOf(app: string, extra: Partial<ResultRead> = {}): ResultRead {
  return {
    app,
    title: app,
    state: 'success',
    actions: [],
    next_try_at: null,
    waiting_reason: null,
    error: null,
    started_at: null,
    finished_at: null,
    account: null,
    expires_at: null,
    ...extra,
  }
}

export function requestOf(extra: Partial<RequestRead> = {}): RequestRead {
  return {
    id: 'r1',
    kind: 'onboard',
    state: 'running',
    waits_for: null,
    dry_run: false,
    employee: { id: 'e1', full_name: 'Mary Jackson', work_email: 'mary@acme.example', existing: false },
    apps: [],
    tags: [],
    created_at: '2026-11-20T10:00:00Z',
    created_by: { kind: 'operator', name: 'Ada' },
    finished_at: null,
    counts: { actions: 3, done: 1, failed: 0 },
    results: [],
    plan: null,
    role_template: null,
    cancel_requested: false,
    correlation_id: 'c',
    ...extra,
  }
}

export function appOf(key: string, extra: Partial<AppRead> = {}): AppRead {
  return {
    key,
    title: key,
    vendor: key,
    glyph: key,
    summary: '',
    aliases: [],
    form: {},
    options: [],
    offered: true,
    offered_by_default: true,
    defaults: {},
    enabled: true,
    connection: { status: 'active', reason: null, display_name: null },
    capabilities: [],
    actions: [],
    limits: { calls_per_second: 1, concurrency: 1, settle_seconds: 0, source: '' },
    ...extra,
  }
}

export function templateOf(key: string, extra: Partial<RoleTemplateRead> = {}): RoleTemplateRead {
  return {
    id: `id-${key}`,
    key,
    shipped: false,
    version: 1,
    name: key,
    description: '',
    apps: {},
    tags: [],
    conditions: { department: [], location: [], job_title: [] },
    changed_at: null,
    changed_by: null,
    ...extra,
  }
}

export function connectionOf(vendor: string, extra: Partial<ConnectionDetail> = {}): ConnectionDetail {
  return {
    id: `id-${vendor}`,
    vendor,
    title: vendor,
    account: 'acme.example',
    apps: [vendor],
    method: 'oauth',
    state: 'active',
    reason: null,
    remedy: null,
    link: null,
    connected_at: '2026-11-01T10:00:00Z',
    connected_by: { id: 'o1', address: 'ada@acme.example' },
    last_refresh_at: null,
    expires_at: null,
    scopes_granted: [],
    scopes_missing: [],
    last_test: null,
    testing: false,
    ...extra,
  }
}

export function methodOf(key: string, extra: Partial<ConnectionMethodRead> = {}): ConnectionMethodRead {
  return { key, title: key, kind: 'redirect', explanation: '', preparation: [], scopes: [], fields: [], available: true, unavailable_reason: null, ...extra }
}

export function vendorOf(vendor: string, ...methods: ConnectionMethodRead[]): VendorMethodsRead {
  return { vendor, title: vendor, apps: [vendor], methods }
}

export function apiKeyOf(name: string, extra: Partial<ApiKeyRead> = {}): ApiKeyRead {
  return {
    id: `id-${name}`,
    name,
    begins_with: 'oc_019a9e4c000070008000000000000386_',
    scopes: ['requests:read'],
    calls_per_minute: 600,
    state: 'active',
    created_at: '2026-11-01T10:00:00Z',
    created_by: { id: 'o1', name: 'Ada' },
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
    revoked_by: null,
    ...extra,
  }
}

export function operatorOf(name: string, extra: Partial<OperatorRead> = {}): OperatorRead {
  return {
    id: `id-${name}`,
    name,
    email: `${name.toLowerCase()}@acme.example`,
    role: 'helpdesk',
    state: 'active',
    grants: [{ source: 'operator', role: 'helpdesk' }],
    last_sign_in_at: null,
    is_me: false,
    ...extra,
  }
}
