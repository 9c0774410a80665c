import type { ActionRead, EmployeeRead, ErrorRead, PlanAppRead, RequestRead, ResultRead } from '../src/api/types.ts'
import { apps } from './apps.ts'
import { action, ago, person, plan, planned, request, result } from './make.ts'
import { planOfApp, taskOf } from './plans.ts'
import { invited, ME, settle } from './waiting.ts'

const HAL = { id: 'o2', name: 'Hal Helpdesk' }

/** One person's wish for everything. */
const EVERYTHING: Record<string, Record<string, unknown>> = {
  clickup: { role: 'guest', groups: ['90110'] },
  confluence: { access_groups: ['confluence-users'], groups: ['personalabteilung-leserechte'] },
  github: { username: 'hedy-lamarr', role: 'member', teams: ['platform', 'web'], copilot: true, sso: true },
  'google-workspace': { primary_org_unit: '/Engineering/Berlin', license_skus: ['Google-Apps/1010020020', '101047/1010470001'], groups: ['group0@acme.example', 'group5@acme.example'], require_password_change: true },
  hubspot: { permission_set: '90110', teams: ['90110'], seats: ['Sales Hub Professional'] },
  jira: { products: ['jira-software'], access_groups: ['jira-software-users'] },
  'microsoft-365': { usage_location: 'DE', licenses: ['cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', '18181a46-0d4e-45cd-891e-60aabd171b4e'], groups: ['00000000-0000-4000-8000-000000000005'], require_password_change: true },
  scim: { groups: ['Reisende', 'Genehmigende'] },
  slack: { role: 'admin', groups: ['engineering'], channels: ['#engineering', '#projekt-donaudampfschifffahrtselektrizitätenhauptbetriebswerk'] },
  zoom: { license_type: 'licensed', add_ons: ['webinar500'], groups: ['Sales'] },
}

const base = { who: null, raw: true, field: null, vendor_message: null, link: null } as const

const REFUSED: ErrorRead = {
  ...base,
  code: 'no_seats',
  message: 'HubSpot says that no seat of this kind is free.',
  remedy: 'Buy one or take one away from somebody, then retry.',
  who: 'vendor admin',
  link: { label: 'Users and teams in HubSpot', url: 'https://app.hubspot.com/l/settings/users' },
}

const UNKNOWN: ErrorRead = {
  ...base,
  code: 'unknown',
  message: 'The application answered something that OneClick does not know.',
  remedy: 'Look at the raw reply. Mend what it names at the application, then retry.',
  who: 'you',
  vendor_message: `Bei der Verarbeitung der Benutzerkontenprovisionierungsanforderung ist ein unerwarteter Fehler aufgetreten (Fehlerkennung RK-500-ZUSTÄNDIGKEITSBEREICHSZUORDNUNG). ${'Die Genehmigungsstufe konnte der Kostenstelle nicht zugeordnet werden. '.repeat(6)}https://reisekosten.acme.example/hilfe/fehler/RK-500?vorgang=0197f3b2c4d5e6f708192a3b4c5d6e7f&mandant=konzernverbund-sued`,
}

const LIMITED: ErrorRead = { ...base, code: 'rate_limited', message: 'Zoom’s daily budget for licence changes is used up.', remedy: 'Nothing to do: OneClick tries again when Zoom allows it.', who: 'oneclick' }

const done = (seconds: number): Partial<ActionRead> => ({ state: 'done', tries: 1, started_at: ago(seconds), sent_at: ago(seconds), finished_at: ago(seconds - 1.4), effect: 'confirmed', calls: 2 })

function partsFor(who: EmployeeRead): PlanAppRead[] {
  return apps.toSorted((a, b) => a.title.localeCompare(b.title)).map(({ key }) => planOfApp(key, who.work_email, who.full_name, EVERYTHING[key] ?? {}))
}

/** An app of which everything is done; `change` says otherwise of some actions. */
function ran(part: PlanAppRead, seconds: number, change: Record<string, Partial<ActionRead>> = {}, extra: Partial<ResultRead> = {}): ResultRead {
  const actions = part.actions.map((one) => action(one, change[one.key] ?? done(seconds)))
  const ended = actions.every((one) => one.state === 'done')
  return result(part.app, actions, {
    started_at: ago(seconds),
    finished_at: ended ? ago(seconds - 9) : null,
    account: { remote_id: '1', label: 'hedy.lamarr@acme.example', url: 'https://admin.example/user/1' },
    ...extra,
  })
}

const PENDING: Partial<ActionRead> = { state: 'pending' }

function running(parts: PlanAppRead[]): ResultRead[] {
  const of = (app: string) => parts.find((part) => part.app === app) ?? planOfApp(app, '', '', {})
  const role = of('slack').actions.find((one) => one.key === 'role')
  const refused = { state: 'failed' as const, tries: 2, started_at: ago(50), finished_at: ago(47), calls: 4, effect: 'failed' as const }
  return [
    ran(of('clickup'), 60, { acceptance: invited(60, 3), 'groups:90110': PENDING }, { account: null }),
    ran(of('confluence'), 60),
    ran(of('github'), 60, { invite: invited(60), copilot: PENDING }, { account: null }),
    ran(of('google-workspace'), 60, { create: { ...done(60), first_password: { state: 'sealed', expires_at: ago(-70_000) } } }),
    ran(of('hubspot'), 60, { 'seats:Sales Hub Professional': { ...refused, error: REFUSED } }, { error: REFUSED }),
    ran(of('jira'), 60),
    ran(of('microsoft-365'), 60, { 'licenses:18181a46-0d4e-45cd-891e-60aabd171b4e': { state: 'running', tries: 1, started_at: ago(2) }, 'groups:00000000-0000-4000-8000-000000000005': PENDING }, { finished_at: null }),
    ran(of('scim'), 60, { create: { ...refused, error: UNKNOWN }, 'groups:Reisende': { state: 'blocked' }, 'groups:Genehmigende': { state: 'blocked' } }, { error: UNKNOWN, account: null, finished_at: ago(47) }),
    ran(of('slack'), 60, role ? { role: { state: 'awaiting_person', started_at: ago(55), task: taskOf(role, ME) } } : {}),
    ran(of('zoom'), 60, { 'add_ons:webinar500': { state: 'waiting_retry', tries: 1, started_at: ago(40), next_try_at: ago(-5_240), error: LIMITED, calls: 1 } }, { next_try_at: ago(-5_240), waiting_reason: LIMITED.message }),
  ]
}

function planOfTen(linus: EmployeeRead): PlanAppRead[] {
  const parts = partsFor(linus)
  const change = (app: string, extra: (part: PlanAppRead) => Partial<PlanAppRead>) => {
    const part = parts.find((one) => one.app === app)
    if (part) Object.assign(part, extra(part))
  }
  change('github', () => ({ warnings: [{ code: 'sso', message: 'The organisation enforces single sign-on: the person is a member only after signing in that way.' }] }))
  change('jira', () => ({
    state: 'needs_decision',
    choices: [{ code: 'existing_account', message: `${linus.work_email} exists in Jira and OneClick did not make it. What shall happen?`, options: [{ value: 'adopt', label: 'Use it: link it to this person and bring it in line' }, { value: 'skip', label: 'Leave Jira out of this run' }], selected: null }],
  }))
  change('zoom', (part) => ({ actions: [...part.actions, planned('drop', 'remove_license', 'Remove Large meeting 500', 'Large meeting 500', { destructive: true })] }))
  change('confluence', (part) => ({ actions: [planned('noop', 'noop', 'Nothing to do', part.title)] }))
  change('scim', () => ({ state: 'failed', actions: [], error: UNKNOWN }))
  return parts
}

/** A task in each of its states, and an invitation that is about to lapse. */
function waitingForPeople(who: EmployeeRead): RequestRead {
  const part = planOfApp('slack', who.work_email, who.full_name, { role: 'admin' })
  const tasks = [
    { key: 'channel:berlin', title: 'Add to the channel #berlin', target: '#berlin' },
    { key: 'channel:kanri', title: 'Add to the channel #経営企画', target: '#経営企画' },
    { key: 'workspace', title: 'Add to the workspace Acme Verkehrsinfrastrukturfinanzierungsgesellschaft', target: 'Acme Verkehrsinfrastrukturfinanzierungsgesellschaft' },
  ].map(({ key, title, target }) => planned(key, 'manual_task', title, target, { depends_on: ['create'] }))
  const [create, role] = part.actions
  const slack = result('slack', [
    ...(create ? [action(create, done(90_000))] : []),
    ...(role ? [action(role, { ...done(89_000), tries: 0, calls: 1, task: { ...taskOf(role, HAL), said_done: { at: ago(80_000), by: HAL, note: null } } })] : []),
    ...tasks.map((one, index) => {
      const task = taskOf(one, [ME, null, HAL][index] ?? null)
      const said = { at: ago(130), by: index === 0 ? ME : HAL, note: index === 0 ? 'Added from the phone.' : null }
      if (index === 0) return action(one, { state: 'awaiting_person', started_at: ago(88_000), note: 'Slack does not show it yet.', task: { ...task, said_done: said } })
      return action(one, { state: 'awaiting_person', started_at: ago(88_000), task: index === 2 ? { ...task, said_done: said, checking: true } : task })
    }),
  ], { started_at: ago(90_000), account: { remote_id: 'U1', label: who.work_email, url: null } })
  const github = planOfApp('github', who.work_email, who.full_name, {})
  const lapsing = result('github', github.actions.map((one) => action(one, invited(6.9 * 86_400))), { started_at: ago(6.9 * 86_400) })
  return request(who, [slack, lapsing], { created_at: ago(6.9 * 86_400), plan: plan([part, github], { state: 'applied' }) })
}

/** Requests of all ten apps: running with everything that can happen, planned, done; and one that waits for people alone. */
export function seedTen(): { requests: RequestRead[]; people: EmployeeRead[] } {
  const hedy = person('Hedy Lamarr', 'hedy.lamarr@acme.example', { job_title: 'Radio engineer', department: 'Engineering' })
  const radia = person('Radia Perlman', 'radia.perlman@acme.example', { status: 'prospective' })
  const mina = person('本田 美奈子', 'minako.honda@acme.example')
  const barbara = person('Barbara Liskov', 'barbara.liskov@acme.example')
  const parts = partsFor(hedy)
  const live = request(hedy, running(parts), { state: 'running', created_at: ago(62), plan: plan(parts, { state: 'applied' }) })
  for (const one of live.results) if (one.state === 'pending') one.state = 'running'
  const asks = request(radia, [], { state: 'planned', dry_run: true, created_at: ago(25), apps: apps.map(({ key, title }) => ({ app: key, title })), plan: plan(planOfTen(radia)) })
  const all = partsFor(barbara)
  const finished = request(barbara, all.map((part) => ran(part, 4_000, { role: done(3_990), acceptance: done(3_800) })), { created_at: ago(4_010), finished_at: ago(3_800), plan: plan(all, { state: 'applied' }) })
  const waits = waitingForPeople(mina)
  for (const one of [live, finished, waits]) settle(one)
  return { requests: [live, asks, waits, finished], people: [hedy, radia, mina, barbara] }
}
