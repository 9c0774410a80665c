import type { TagRuleRead, TagRuleWrite } from '@/api/types'
import { count } from '@/lib/format'

/** A rule as a form holds it: how many days, and to which side of the start date. */
export interface RuleDraft {
  tag: string
  role_template_id: string | null
  days: number | null
  side: 'before' | 'on' | 'after'
  time: string
  zone: string | null
  priority: number | null
  enabled: boolean
}

export const NEW: RuleDraft = { tag: '', role_template_id: null, days: 3, side: 'before', time: '08:00', zone: null, priority: 0, enabled: true }

/** A stored rule in the form. */
export function draftOf(rule: TagRuleRead): RuleDraft {
  const { tag, role_template_id, offset_days, time_of_day, time_zone, priority, enabled } = rule
  const side = offset_days < 0 ? 'before' : offset_days > 0 ? 'after' : 'on'
  return { tag, role_template_id, days: offset_days === 0 ? 1 : Math.abs(offset_days), side, time: time_of_day, zone: time_zone, priority, enabled }
}

/** The rule on the wire. */
export function toBody(draft: RuleDraft): Required<TagRuleWrite> {
  const days = draft.side === 'on' ? 0 : (draft.days ?? 0)
  return {
    tag: draft.tag.trim(),
    role_template_id: draft.role_template_id,
    offset_days: draft.side === 'before' ? -days || 0 : days,
    time_of_day: draft.time,
    time_zone: draft.zone,
    priority: draft.priority ?? 0,
    enabled: draft.enabled,
  }
}

/** What is wrong with it, by the server's fields; the server repeats these checks. */
export function problemsIn(draft: RuleDraft): Partial<Record<keyof TagRuleWrite, string>> {
  const problems: ReturnType<typeof problemsIn> = {}
  if (!/[\p{L}\p{N}]/u.test(draft.tag)) problems.tag = draft.tag.trim() === '' ? 'This is needed.' : 'A tag has letters or digits.'
  if (draft.side !== 'on' && (draft.days === null || !Number.isInteger(draft.days) || draft.days < 1 || draft.days > 365)) problems.offset_days = 'From 1 to 365 days.'
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(draft.time)) problems.time_of_day = 'Choose a time of day.'
  if (draft.priority === null || !Number.isInteger(draft.priority) || draft.priority < 0 || draft.priority > 1_000_000) problems.priority = 'A whole number, 0 or more.'
  return problems
}

/** “3 days before the start date at 08:00”. */
export function whenInWords({ offset_days, time_of_day }: Pick<TagRuleRead, 'offset_days' | 'time_of_day'>): string {
  const days = Math.abs(offset_days)
  const day = offset_days === 0 ? 'on the start date' : `${count(days, 'day')} ${offset_days < 0 ? 'before' : 'after'} the start date`
  return `${day} at ${time_of_day}`
}
