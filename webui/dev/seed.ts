import type { ErrorRead, RequestRead } from '../src/api/types.ts'
import type { Mock } from './answer.ts'
import { seedConnections } from './connections.ts'
import { seedKeys } from './keys.ts'
import { seedNotifications } from './notifications.ts'
import { seedOperators } from './operators.ts'
import { seedSchedule } from './schedule.ts'
import { seedRules } from './tag-rules.ts'
import { seedTemplates } from './templates.ts'
import { seedTen } from './ten.ts'
import { invited, settle } from './waiting.ts'
import { action, ago, newId, person, plan, planApp, planned, request, result } from './make.ts'

const noSeats: ErrorRead = {
  code: 'no_seats',
  message: 'Microsoft says Business Premium has no free seats.',
  remedy: 'Buy one or pick another licence, then retry.',
  who: 'vendor admin',
  raw: true,
  field: null,
  vendor_message: null,
  link: { label: 'Licences in the Microsoft 365 admin center', url: 'https://admin.microsoft.com/#/licenses' },
}

const limited: ErrorRead = {
  code: 'rate_limited',
  message: 'Google limits how fast we may work.',
  remedy: 'Nothing to do: OneClick tries again when Google allows it.',
  who: 'oneclick',
  raw: true,
  field: null,
  vendor_message: null,
  link: null,
}

const done = (seconds: number, took = 0.9) => ({ state: 'done' as const, tries: 1, started_at: ago(seconds), finished_at: ago(seconds - took), effect: 'confirmed' as const, calls: 2 })

function steps(email: string) {
  return {
    create: planned('create', 'create', `Create ${email}`, email, { after: { name: 'Grace Hopper', org_unit: '/Engineering', password_change: true } }),
    license: planned('license:spb', 'assign_license', 'Assign Business Premium', 'Business Premium', { depends_on: ['create'] }),
    group: planned('group:staff', 'add_to_group', 'Add to All staff', 'All staff', { depends_on: ['create'] }),
    manager: planned('manager', 'update', 'Set the manager', 'Katherine Johnson', { before: { manager: null }, after: { manager: 'katherine.johnson@acme.example' }, depends_on: ['create'] }),
  }
}

function seedRequests(): { requests: RequestRead[]; people: Mock['people'] } {
  const grace = person('Grace Hopper', 'grace.hopper@acme.example', {
    job_title: 'Principal engineer', department: 'Engineering', location: 'Berlin', manager_email: 'katherine.johnson@acme.example', start_date: '2026-11-23', tags: ['new-hire'],
    accounts: [
      { app: 'google-workspace', title: 'Google Workspace', remote_id: '1047', label: 'grace.hopper@acme.example', state: 'active', adopted: false, url: 'https://admin.google.com/ac/users/1047', since: ago(900), grants: [
        { kind: 'license', key: 'e', label: 'Enterprise Plus', given_by_us: true }, { kind: 'org_unit', key: '/Engineering', label: '/Engineering', given_by_us: true },
        { kind: 'group', key: 'g1', label: 'All staff', given_by_us: true }, { kind: 'group', key: 'g2', label: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte', given_by_us: false } ] },
      { app: 'microsoft-365', title: 'Microsoft 365', remote_id: '88', label: 'grace.hopper@acme.example', state: 'active', adopted: true, url: null, since: ago(880), grants: [{ kind: 'license', key: 'spb', label: 'Business Premium', given_by_us: true }] },
    ],
  })
  const alan = person('Alan Turing', 'alan.turing@acme.example', { job_title: 'Researcher', department: 'Research' })
  const maria = person('Maria Telkes', 'maria.telkes@acme.example', { job_title: 'Energy lead', department: 'Facilities' })
  const linus = person('Linus Pauling', 'linus.pauling@acme.example', { status: 'prospective' })
  const long = person('Wolfeschlegelsteinhausenbergerdorff von Hohenzollern-Sigmaringen', 'wolfeschlegelsteinhausenbergerdorff.hohenzollern-sigmaringen.extern@research.acme.example', { job_title: 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsbeauftragter', department: '経営企画部' })
  const s = (who: { work_email: string }) => steps(who.work_email)

  const g = s(grace)
  const success = request(grace, [
    result('google-workspace', [action(g.create, { ...done(900), first_password: { state: 'sealed', expires_at: ago(-70_000) } }), action(g.license, done(898)), action(g.group, done(897))], { state: 'success', started_at: ago(900), finished_at: ago(895), account: { remote_id: '1', label: grace.work_email, url: 'https://admin.google.com/ac/users/1' } }),
    result('microsoft-365', [action(g.create, { ...done(900), first_password: { state: 'revealed', expires_at: null } }), action(g.license, done(890)), action(g.manager, done(889))], { state: 'success', started_at: ago(900), finished_at: ago(880), account: { remote_id: '2', label: grace.work_email, url: null } }),
  ], { finished_at: ago(880), created_at: ago(905), plan: plan([planApp('google-workspace', [g.create, g.license, g.group]), planApp('microsoft-365', [g.create, g.license, g.manager])], { state: 'applied' }) })

  const m = s(maria)
  const partial = request(maria, [
    result('google-workspace', [action(m.create, { ...done(3000), first_password: { state: 'expired', expires_at: null } }), action(m.group, done(2995))], { state: 'success', started_at: ago(3000), finished_at: ago(2990), account: { remote_id: '3', label: maria.work_email, url: null } }),
    result('microsoft-365', [
      action(m.create, done(3000)),
      action(m.license, { state: 'failed', tries: 2, started_at: ago(2990), finished_at: ago(2980), error: noSeats, effect: 'failed', calls: 2 }),
      action({ ...m.group, depends_on: ['license:spb'] }, { state: 'blocked' }),
    ], { state: 'partial', error: noSeats, started_at: ago(3000), finished_at: ago(2980) }),
  ], { state: 'partial', created_at: ago(3010), finished_at: ago(2980), plan: plan([planApp('google-workspace', [m.create, m.group]), planApp('microsoft-365', [m.create, m.license, m.group])], { state: 'applied' }) })

  const a = s(alan)
  const running = request(alan, [
    result('google-workspace', [action(a.create, done(8)), action(a.license, { state: 'waiting_retry', tries: 2, started_at: ago(6), next_try_at: ago(-83), error: limited, calls: 2 }), action(a.group)], { state: 'waiting_retry', waiting_reason: 'Google limits how fast we may work.', next_try_at: ago(-83), started_at: ago(8) }),
    result('microsoft-365', [action(a.create, { ...done(8), state: 'settling', finished_at: null }), action(a.license, { state: 'running', tries: 1, started_at: ago(1) }), action(a.manager), action(a.group)], { state: 'running', started_at: ago(8) }),
    result('github', [action(planned('invite', 'invite', 'Invite to acme', 'alan-turing'), invited(7))], { started_at: ago(8) }),
  ], { state: 'running', created_at: ago(9), plan: plan([planApp('google-workspace', [a.create, a.license, a.group]), planApp('microsoft-365', [a.create, a.license, a.manager, a.group])], { state: 'applied' }) })

  const l = s(linus)
  const asks = request(linus, [], {
    state: 'planned', dry_run: true, created_at: ago(30), apps: [{ app: 'google-workspace', title: 'Google Workspace' }, { app: 'microsoft-365', title: 'Microsoft 365' }],
    plan: plan([
      planApp('google-workspace', [planned('adopt', 'adopt', `Link ${linus.work_email}`, linus.work_email), planned('update', 'update', 'Move to another unit', linus.work_email, { before: { org_unit: '/Contractors', title: 'Intern', phone: '1', department: 'Sales' }, after: { org_unit: '/Engineering', title: 'Engineer', phone: '2', department: 'Engineering' } })], {
        state: 'needs_decision',
        choices: [{ code: 'existing_account', message: `${linus.work_email} exists in Google Workspace and OneClick did not make it. What shall happen?`, options: [{ value: 'adopt', label: 'Use it: link it to this person and bring it in line' }, { value: 'skip', label: 'Leave Google Workspace out of this run' }], selected: null }],
      }),
      planApp('microsoft-365', [l.license, l.group, planned('drop', 'remove_license', 'Remove Office 365 E1', 'Office 365 E1', { destructive: true }), planned('gone', 'delete', 'Delete the old mailbox', 'linus.old@acme.example', { destructive: true, reversible: false })], {
        warnings: [{ code: 'kept', message: 'The group Finance was given by somebody else and is kept.' }, { code: 'no_seats', message: 'Business Premium: 3 free, 5 needed by requests already planned. Buy 3 or pick another licence.' }], seats: [{ key: 'spb', name: 'Business Premium', free: 3, needed: 1, reserved: 5, left: -3 }, { key: 'flow', name: 'Power Automate Free', free: 9991, needed: 1, reserved: 0, left: 9990 }],
      }),
    ]),
  })
  asks.employee.existing = true

  const noop = request(grace, [], { state: 'planned', dry_run: true, created_at: ago(20), apps: success.apps, plan: plan([planApp('google-workspace', [planned('noop', 'noop', 'Nothing to do', grace.work_email)]), planApp('microsoft-365', [planned('noop', 'noop', 'Nothing to do', grace.work_email)])]) })
  const lg = s(long)
  const longOne = request(long, [result('google-workspace', [action(lg.create, done(50)), action(lg.group, done(49))], { state: 'success', started_at: ago(50), finished_at: ago(45), account: { remote_id: '9', label: long.work_email, url: null } })], { created_at: ago(60), finished_at: ago(45) })
  const failed = request(alan, [result('microsoft-365', [action(a.create, { state: 'failed', tries: 4, started_at: ago(90_000), finished_at: ago(89_000), calls: 4, error: { code: 'missing_scope', message: 'The connected account lacks User.ReadWrite.All.', remedy: 'Grant the permission at the vendor, reconnect, then retry.', who: 'vendor admin', raw: true, link: null, field: null, vendor_message: null } }), action(a.license, { state: 'blocked' })], { state: 'error', started_at: ago(90_000), finished_at: ago(89_000) })], { state: 'failed', created_at: ago(90_010), finished_at: ago(89_000) })

  const names = ['Rosalind Franklin', 'Barbara Liskov', 'Edsger Dijkstra', 'Radia Perlman', 'Tim Berners-Lee', 'Frances Allen', 'Donald Knuth', 'Hedy Lamarr', '本田 美奈子', 'Zoë Ångström']
  const others = Array.from({ length: 42 }, (_, index) => person(`${names[index % names.length]}${index > 9 ? ` ${Math.floor(index / 10) + 1}` : ''}`, `person${index}@acme.example`, { job_title: 'Engineer', department: index % 2 ? 'Engineering' : 'Sales' }))
  const older = others.map((who, index) => request(who, [result('google-workspace', [action(s(who).create, done(9000 * (index + 1)))], { state: 'success', started_at: ago(9000 * (index + 1)), finished_at: ago(9000 * (index + 1) - 5) })], { created_at: ago(9000 * (index + 1)), finished_at: ago(9000 * (index + 1) - 5), state: index % 9 === 4 ? 'cancelled' : 'completed' }))
  return { requests: [running, noop, asks, longOne, success, partial, failed, ...older], people: [grace, alan, maria, linus, long, ...others] }
}

/** A tenant with people and requests in every state. */
export function seed(): Mock {
  const few = seedRequests()
  const ten = seedTen()
  const [running] = few.requests
  if (running) settle(running)
  const requests = [...ten.requests, ...few.requests]
  const people = [...ten.people, ...few.people]
  const acts = ['request.applied', 'request.created', 'employee.created', 'session.started', 'first_password.revealed', 'request.cancelled']
  const audit = Array.from({ length: 120 }, (_, index) => ({
    id: newId(),
    at: ago(index * 700),
    actor: { kind: 'operator', id: 'o1', name: index % 3 ? 'Ada Admin' : 'Hal Helpdesk' },
    action: acts[index % acts.length] ?? 'request.created',
    target: { kind: 'employee', id: 'e', label: people[index % people.length]?.work_email ?? '' },
    before: index % 3 ? null : { department: 'Sales', location: 'Berlin' },
    after: index % 3 ? { state: 'queued' } : { department: 'Engineering', location: 'Berlin' },
    outcome: index % 11 === 3 ? 'denied' : 'ok',
    correlation_id: 'c-5f2a1e',
  }))
  return { signedIn: true, tenant: 't1', requests, people, audit, templates: seedTemplates(), schedule: seedSchedule(), rules: seedRules(), connections: seedConnections(), keys: seedKeys(), operators: seedOperators(), notifications: seedNotifications(), hearers: new Map(), cursor: 0 }
}
