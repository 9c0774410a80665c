import type { PreviewCreate, ScheduleRead } from '@/api/types'
import { addDays, isDay, wallOf } from '@/lib/zones'
import { repeatsFrom, type Repeat } from './recurrence'

/** When something runs, as a form holds it: a time on the clocks of a zone. */
export interface When {
  day: string
  time: string
  zone: string
  repeat: Repeat
  /** What was written, where it repeats by a rule of its own. */
  rule: string
}

const EIGHT = '08:00'

/** Eight o'clock on the start date, where that is still to come; tomorrow otherwise. */
export function firstWhen(startDate: string, zone: string, now: Date): When {
  const today = wallOf(now, zone)
  const comes = isDay(startDate) && `${startDate}T${EIGHT}` > today
  return { day: comes ? startDate : addDays(today.slice(0, 10), 1), time: EIGHT, zone, repeat: 'once', rule: '' }
}

/** When a schedule runs now, for a form that changes it. */
export function whenOf(schedule: ScheduleRead): When {
  const rule = schedule.recurrence?.rule ?? null
  const wall = rule === null ? schedule.local.slice(0, 16) : wallOf(new Date(schedule.schedule_time), schedule.time_zone)
  const day = wall.slice(0, 10)
  const found = rule === null ? 'once' : (repeatsFrom(day).find((one) => one.rule === rule)?.value ?? 'own')
  return { day, time: wall.slice(11), zone: schedule.time_zone, repeat: found, rule: rule ?? '' }
}

/** What is missing or no day, by field; the server repeats these checks. */
export function whenProblems(when: When): Partial<Record<'schedule_time' | 'recurrence', string>> {
  const problems: ReturnType<typeof whenProblems> = {}
  if (!isDay(when.day) || !/^\d{2}:\d{2}$/.test(when.time)) problems.schedule_time = 'Choose a day and a time.'
  if (when.repeat === 'own' && when.rule.trim() === '') problems.recurrence = 'Write a cron expression or an RRULE.'
  return problems
}

/** On the wire: a time without an offset is one on the clocks of the zone. */
export function toTiming(when: When): Required<Pick<PreviewCreate, 'schedule_time' | 'time_zone' | 'recurrence'>> {
  const offered = repeatsFrom(when.day).find((one) => one.value === when.repeat)
  return {
    schedule_time: `${when.day}T${when.time}:00`,
    time_zone: when.zone,
    recurrence: when.repeat === 'own' ? when.rule.trim() : (offered?.rule ?? null),
  }
}
