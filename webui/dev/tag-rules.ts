import type { DecisionRead, TagRuleRead } from '../src/api/types.ts'
import { ok, problem, type Mock, type Reply } from './answer.ts'
import { newId } from './make.ts'

type Body = Record<string, unknown>

function rule(id: string, tag: string, offset_days: number, extra: Partial<TagRuleRead> = {}): TagRuleRead {
  return { id, tag, slug: tag.replaceAll(' ', '-'), role_template_id: null, role_template: null, offset_days, time_of_day: '08:00', time_zone: null, priority: 0, enabled: true, shipped: true, ...extra }
}

/** Those that come with OneClick, one whose role template is gone, and one with a long name. */
export function seedRules(): TagRuleRead[] {
  return [
    rule('rule-1', 'to be created', -3),
    rule(newId(), 'new-hire', -1),
    rule(newId(), 'contractor', 0),
    rule(newId(), 'intern', 0, { enabled: false }),
    rule(newId(), 'Qualitätssicherung und Betriebsprüfung Süd-West (befristet)', -14, { shipped: false, role_template_id: 'gone', time_zone: 'America/Argentina/Buenos_Aires', priority: 20 }),
  ]
}

function preview(mock: Mock, one: Body | TagRuleRead, queued: boolean): DecisionRead[] {
  const local = '2026-12-01T08:00:00+01:00'
  return mock.people.slice(0, String(one.tag).startsWith('nobody') ? 0 : 4).map(({ id, full_name, work_email }, index) => ({
    employee: { id, full_name, work_email },
    role_template: index === 1 ? null : { id: 'x', key: 'engineer', name: 'Engineer' },
    at: index === 1 ? null : '2026-12-01T07:00:00Z',
    local: index === 1 ? null : local,
    time_zone: 'Europe/Berlin',
    note: index === 2 ? { code: 'fold_first', message: 'Clocks go back: 02:30 comes twice, and this is the first.' } : null,
    reason: index === 1 ? 'This person has no start date yet.' : null,
    queued: queued && index === 0,
    not_connected: index === 3 ? [{ app: 'github', title: 'GitHub' }] : [],
    switched_off: [],
    warning: index === 3 ? 'Not connected: GitHub. Connect before the run, or it waits for a person; or take out of the template.' : null,
  }))
}

/** What `/api/tag-rules` would answer. */
export function onTagRules(mock: Mock, method: string, [id, what]: string[], body: Body): Reply {
  if (id === 'preview') return ok({ items: preview(mock, body, false) })
  if (id === undefined && method === 'GET') return ok({ items: mock.rules })
  if (id === undefined) {
    if (mock.rules.some((one) => one.tag === body.tag)) return problem(422, 'invalid_input', 'tag: There is a rule for this tag.', [{ field: 'tag', message: 'There is a rule for this tag.', code: 'taken' }])
    const made = rule(newId(), String(body.tag), 0, { ...body, shipped: false })
    mock.rules.push(made)
    return ok(made, 201)
  }
  const found = mock.rules.find((one) => one.id === id)
  if (!found) return problem(404, 'tag_rule_not_found', 'There is no such tag rule.')
  if (what === 'preview') return ok({ items: preview(mock, found, true) })
  if (method === 'DELETE') {
    mock.rules.splice(mock.rules.indexOf(found), 1)
    return { status: 204 }
  }
  if (method === 'PUT') Object.assign(found, body, { shipped: false })
  return ok(found)
}
