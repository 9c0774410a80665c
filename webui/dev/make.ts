import type { ActionRead, EmployeeRead, PlanAppRead, PlannedActionRead, PlanRead, RequestRead, ResultRead } from '../src/api/types.ts'
import { apps } from './apps.ts'

let serial = 0

export function newId(): string {
  serial += 1
  return `019a9e4c-0000-7000-8000-${String(serial).padStart(12, '0')}`
}

export function ago(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString()
}

export function titleOfApp(app: string): string {
  return apps.find((one) => one.key === app)?.title ?? app
}

export function planned(key: string, kind: PlannedActionRead['kind'], title: string, target: string, extra: Partial<PlannedActionRead> = {}): PlannedActionRead {
  return { key, kind, title, target, before: null, after: null, reversible: true, destructive: false, depends_on: [], ...extra }
}

export function planApp(app: string, actions: PlannedActionRead[], extra: Partial<PlanAppRead> = {}): PlanAppRead {
  return { app, title: titleOfApp(app), state: 'ready', actions, warnings: [], choices: [], seats: [], error: null, fingerprint: 'f', ...extra }
}

export function plan(planApps: PlanAppRead[], extra: Partial<PlanRead> = {}): PlanRead {
  const asks = planApps.some((app) => app.choices.some((choice) => choice.selected === null))
  return { id: newId(), state: asks ? 'needs_decision' : 'ready', created_at: ago(5), expires_at: ago(-3600), apps: planApps, ...extra }
}

export function action(from: PlannedActionRead, extra: Partial<ActionRead> = {}): ActionRead {
  return {
    ...from,
    id: newId(),
    state: 'pending',
    tries: 0,
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

export function result(app: string, actions: ActionRead[], extra: Partial<ResultRead> = {}): ResultRead {
  return {
    app,
    title: titleOfApp(app),
    state: 'pending',
    actions,
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

export function counts(results: readonly ResultRead[]): RequestRead['counts'] {
  const actions = results.flatMap((one) => one.actions).filter((one) => one.kind !== 'noop')
  return {
    actions: actions.length,
    done: actions.filter((one) => one.state === 'done').length,
    failed: actions.filter((one) => one.state === 'failed').length,
  }
}

export function person(name: string, email: string, extra: Partial<EmployeeRead> = {}): EmployeeRead {
  return {
    id: newId(),
    full_name: name,
    work_email: email,
    personal_email: null,
    department: null,
    job_title: null,
    role: null,
    location: null,
    manager_email: null,
    start_date: null,
    external_id: null,
    tags: [],
    status: 'active',
    accounts: [],
    requests: [],
    end_date: null,
    created_at: ago(86_400),
    ...extra,
  }
}

export function request(who: EmployeeRead, results: ResultRead[], extra: Partial<RequestRead> = {}): RequestRead {
  return {
    id: newId(),
    kind: 'onboard',
    state: 'completed',
    waits_for: null,
    dry_run: false,
    employee: { id: who.id, full_name: who.full_name, work_email: who.work_email, existing: false },
    apps: results.map(({ app, title }) => ({ app, title })),
    tags: [],
    created_at: ago(600),
    created_by: { kind: 'operator', name: 'Ada Admin' },
    finished_at: null,
    counts: counts(results),
    results,
    plan: null,
    role_template: null,
    cancel_requested: false,
    correlation_id: 'c-5f2a1e',
    ...extra,
  }
}
