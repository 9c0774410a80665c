import type { EntryRead, RunRead, ScheduleDetail, ScheduleRead } from '../src/api/types.ts'
import { addDays, daysBetween, instantOf, wallOf } from '../src/lib/zones.ts'
import { ok, problem, type Reply } from './answer.ts'
import { ago, newId, titleOfApp } from './make.ts'

type Body = Record<string, unknown>

const ZONE = 'Europe/Berlin'

function localOf(at: string, zone: string): string {
  const wall = wallOf(new Date(at), zone)
  const minutes = Math.round((Date.parse(`${wall}Z`) - Date.parse(at)) / 60_000)
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0')
  return `${wall}:00${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

function run(at: string, extra: Partial<RunRead> = {}): RunRead {
  return { id: newId(), fire_at: at, local: localOf(at, ZONE), by_hand: false, state: 'completed', request_id: newId(), retry_count: 0, next_try_at: null, error_message: null, claimed_at: at, started_at: at, finished_at: new Date(Date.parse(at) + 9_000).toISOString(), ...extra }
}

interface Stored {
  schedule: ScheduleDetail
  runs: RunRead[]
}

function make(name: string, email: string, at: string, extra: Partial<ScheduleDetail> = {}, runs: RunRead[] = []): Stored {
  const zone = extra.time_zone ?? ZONE
  const schedule: ScheduleDetail = {
    id: newId(), status: 'pending', kind: 'onboard', employee: { id: newId(), full_name: name, work_email: email },
    apps: ['google-workspace', 'slack'].map((app) => ({ app, title: titleOfApp(app) })), role_template: null, tags: [], priority: 0, schedule_time: at, time_zone: zone,
    recurrence: null, next_run_at: at, at, local: localOf(at, zone), executed_at: null, retry_count: 0, error_message: null, needs_person: false, request_id: runs[0]?.request_id ?? null,
    latest_run: runs[0] ?? null, source: 'operator', tag_rule_id: null, created_at: ago(90_000), created_by: { kind: 'operator', name: 'Ada Admin' }, updated_at: ago(90_000),
    upcoming: [], applications: { 'google-workspace': {}, slack: {} }, person: { full_name: name, work_email: email }, existing_account: 'ask', ...extra,
  }
  return { schedule, runs }
}

/** Times in every state: still to come, repeating, running, waiting for a person, failed, missed; and a busy day. */
export function seedSchedule(): Stored[] {
  const today = wallOf(new Date(), ZONE).slice(0, 10)
  const on = (days: number, time = '08:00') => instantOf(`${addDays(today, days)}T${time}`, ZONE).toISOString()
  const over = { next_run_at: null }
  const needs = run(on(-1), { state: 'needs_person', finished_at: null, error_message: 'Jira has an account with this address already.' })
  const failed = run(on(-3), { state: 'failed', error_message: 'Microsoft says Business Premium has no free seats. It was tried three times.', retry_count: 3 })
  const names = ['Ada Lovelace', 'Alan Turing', 'Barbara Liskov', 'Claude Shannon', 'Dorothy Vaughan', 'Edsger Dijkstra', 'Frances Allen']
  return [
    make('Katherine Johnson', 'katherine.johnson@acme.example', on(1), { tags: ['to be created'], source: 'tag_rule', tag_rule_id: 'rule-1', created_by: { kind: 'service', name: 'Tag rule “to be created”' }, person: { start_date: addDays(today, 4) } }),
    make('Wolfeschlegelsteinhausenbergerdorff von Hohenzollern-Sigmaringen', 'wolfeschlegelsteinhausenbergerdorff.hohenzollern-sigmaringen.extern@research.acme.example', on(2, '09:30'), { time_zone: 'America/Argentina/Buenos_Aires', tags: ['contractor', 'Qualitätssicherung und Betriebsprüfung Süd-West'], priority: 10 }),
    make('本田 美奈子', 'minako.honda@acme.example', on(3, '00:30'), { time_zone: 'Asia/Tokyo' }),
    ...names.map((name, index) => make(name, `${name.toLowerCase().replace(' ', '.')}@acme.example`, on(9, `0${7 + (index % 3)}:00`), { tags: index % 2 ? ['new-hire'] : ['intern'] })),
    make('Monthly licence check', 'licences@acme.example', on(4, '06:00'), { recurrence: { kind: 'cron', rule: '0 6 * * 1-5' }, kind: 'change', schedule_time: on(-12, '06:00') }, [run(on(0, '06:00')), run(on(-3, '06:00')), run(on(-4, '06:00'), { state: 'missed', request_id: null, started_at: null, error_message: 'Nothing ran for longer than three days.' })]),
    make('Radia Perlman', 'radia.perlman@acme.example', on(-1), { ...over, status: 'executing', needs_person: true, error_message: needs.error_message }, [needs]),
    make('Maria Telkes', 'maria.telkes@acme.example', on(-3), { ...over, status: 'failed', error_message: failed.error_message, retry_count: 3 }, [failed]),
    make('Grace Hopper', 'grace.hopper@acme.example', on(-2), { ...over, status: 'completed', executed_at: on(-2) }, [run(on(-2))]),
    make('Linus Pauling', 'linus.pauling@acme.example', on(5), { ...over, status: 'cancelled' }),
  ]
}

function times({ schedule }: Stored, from: string, to: string): string[] {
  if (schedule.next_run_at === null) return []
  if (schedule.recurrence === null) return [schedule.next_run_at]
  const first = wallOf(new Date(schedule.next_run_at), schedule.time_zone)
  const days = Array.from({ length: Math.max(0, daysBetween(first.slice(0, 10), to.slice(0, 10)) + 1) }, (_, n) => addDays(first.slice(0, 10), n))
  const workdays = days.filter((day) => new Date(`${day}T00:00Z`).getUTCDay() % 6 !== 0)
  return workdays.map((day) => instantOf(`${day}T${first.slice(11)}`, schedule.time_zone).toISOString()).filter((at) => at >= from && at < to)
}

function entries(all: Stored[], from: string, to: string): EntryRead[] {
  const entry = ({ schedule }: Stored, at: string, own: RunRead | null): EntryRead => ({
    schedule_id: schedule.id, run_id: own?.id ?? null, request_id: own?.request_id ?? null, at, local: localOf(at, schedule.time_zone), status: schedule.status, run_state: own?.state ?? null,
    full_name: schedule.employee.full_name, work_email: schedule.employee.work_email, tags: schedule.tags, priority: schedule.priority, recurring: schedule.recurrence !== null, needs_person: schedule.needs_person,
  })
  return all
    .flatMap((one) => [...one.runs.map((own) => entry(one, own.fire_at, own)), ...times(one, from, to).map((at) => entry(one, at, null))])
    .filter(({ at }) => at >= from && at < to)
    .sort((a, b) => a.at.localeCompare(b.at))
}

function upcoming(one: Stored) {
  const { schedule } = one
  const far = new Date(Date.now() + 30 * 86_400_000).toISOString()
  return times(one, ago(0), far).slice(0, 5).map((at, index) => ({
    at,
    local: localOf(at, schedule.time_zone),
    note: schedule.recurrence !== null && index === 2 ? { code: 'gap' as const, message: 'Clocks go forward: 02:30 does not exist on 2027-03-28, so it runs at 03:00.' } : null,
  }))
}

function whenOf(body: Body, before?: ScheduleRead): { at: string; zone: string } | Reply {
  const zone = typeof body.time_zone === 'string' ? body.time_zone : (before?.time_zone ?? ZONE)
  const said = String(body.schedule_time)
  const at = /(Z|[+-]\d\d:\d\d)$/.test(said) ? new Date(said) : instantOf(said.slice(0, 16), zone)
  if (Number.isNaN(at.getTime())) return problem(422, 'invalid_input', 'schedule_time: Say when it runs.', [{ field: 'schedule_time', message: 'Say when it runs.', code: 'required' }])
  if (at.getTime() < Date.now() - 60_000) {
    return problem(422, 'invalid_input', 'schedule_time: This time has passed. Choose one to come.', [{ field: 'schedule_time', message: 'This time has passed. Choose one to come.', code: 'past' }])
  }
  return { at: at.toISOString(), zone }
}

function ruleOf(body: Body): ScheduleRead['recurrence'] {
  return typeof body.recurrence === 'string' ? { kind: body.recurrence.includes('=') ? 'rrule' : 'cron', rule: body.recurrence } : null
}

function change(one: Stored, body: Body): Reply {
  const when = whenOf(body, one.schedule)
  if ('status' in when) return when
  const recurrence = 'recurrence' in body ? ruleOf(body) : one.schedule.recurrence
  Object.assign(one.schedule, { status: 'pending', at: when.at, next_run_at: when.at, schedule_time: when.at, time_zone: when.zone, local: localOf(when.at, when.zone), recurrence, error_message: null })
  return read(one)
}

const read = (one: Stored, status = 200): Reply => ok({ ...one.schedule, upcoming: upcoming(one) }, status)

function execute(one: Stored): Reply {
  const own = run(ago(0), { by_hand: true, state: 'running', finished_at: null })
  one.runs.unshift(own)
  Object.assign(one.schedule, { status: 'executing', latest_run: own, request_id: own.request_id, at: own.fire_at, local: own.local, next_run_at: one.schedule.recurrence === null ? null : one.schedule.next_run_at })
  setTimeout(() => {
    Object.assign(own, { state: 'completed', finished_at: ago(0) })
    one.schedule.status = one.schedule.recurrence === null ? 'completed' : 'pending'
  }, 4000)
  return read(one, 202)
}

function create(all: Stored[], body: Body): Reply {
  const when = whenOf(body)
  if ('status' in when) return when
  const who = body.employee as { full_name: string; work_email: string }
  const apps = Object.entries(body.apps as Body).filter(([, fields]) => fields !== false).map(([app]) => ({ app, title: titleOfApp(app) }))
  const made = make(who.full_name, who.work_email, when.at, { time_zone: when.zone, apps, person: { ...who }, existing_account: String(body.existing_account), created_at: ago(0) })
  all.push(made)
  return read(made, 201)
}

/** What `/api/schedule` would answer. */
export function onSchedule(all: Stored[], method: string, url: URL, [id, what]: string[], body: Body, page: (items: unknown[]) => unknown): Reply {
  const query = url.searchParams
  if (id === 'settings') return ok({ time_zone: method === 'PUT' ? body.time_zone : ZONE })
  if (id === 'health') return ok({ status: 'ok', pending: 9, executing: 1, needs_person: all.filter(({ schedule }) => schedule.needs_person).length, late: 0, late_seconds: 0, missed_last_7_days: 1, next_run_at: null, time_zone: ZONE })
  if (id === 'calendar') return ok({ items: entries(all, query.get('from') ?? '', query.get('to') ?? ''), cut: false })
  if (id === 'preview') {
    const when = whenOf(body)
    if ('status' in when) return when
    const one = make('', '', when.at, { time_zone: when.zone, recurrence: ruleOf(body) })
    return ok({ time_zone: when.zone, recurrence: one.schedule.recurrence, items: upcoming(one) })
  }
  if (id === undefined) {
    if (method === 'POST') return create(all, body)
    const fits = ({ status, at, tags }: ScheduleRead) =>
      (!query.get('status') || status === query.get('status')) && at >= (query.get('from') ?? '') && at < (query.get('to') ?? '9') && (!query.get('tag') || tags.some((tag) => tag.replaceAll(' ', '-') === query.get('tag')?.replaceAll(' ', '-')))
    return ok(page(all.map(({ schedule }) => schedule).filter(fits).sort((a, b) => a.at.localeCompare(b.at) * (query.get('order') === 'latest' ? -1 : 1))))
  }
  const found = all.find(({ schedule }) => schedule.id === id)
  if (!found) return problem(404, 'schedule_not_found', 'There is no such schedule.')
  if (what === 'runs') return ok(page(found.runs))
  if (what === 'execute') return execute(found)
  if (method === 'PATCH') return change(found, body)
  if (method === 'DELETE') Object.assign(found.schedule, { status: 'cancelled', next_run_at: null })
  return read(found)
}
