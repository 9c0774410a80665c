import { count, joinWords } from '@/lib/format'
import { formatDay } from '@/lib/zones'

const DAYS: Record<string, string> = { MO: 'Monday', TU: 'Tuesday', WE: 'Wednesday', TH: 'Thursday', FR: 'Friday', SA: 'Saturday', SU: 'Sunday' }
const CODES = Object.keys(DAYS)
const WORKDAYS = 'MO,TU,WE,TH,FR'
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const UNITS: Record<string, string> = { YEARLY: 'year', MONTHLY: 'month', WEEKLY: 'week', DAILY: 'day', HOURLY: 'hour' }
const ORDINALS: Record<string, string> = { '1': 'first', '2': 'second', '3': 'third', '4': 'fourth', '5': 'fifth', '-1': 'last', '-2': 'second to last' }

/** “every day at 08:00”: a repeating rule in words; null for one that is better read as it stands. `time` is its first time of day. */
export function ruleInWords(rule: string, time: string): string | null {
  return rule.includes('=') ? rruleInWords(rule, time) : cronInWords(rule)
}

function nth(n: string): string {
  if (n === '-1') return 'last day'
  const tail = /1[1-3]$/.test(n) ? 'th' : ({ '1': 'st', '2': 'nd', '3': 'rd' }[n.at(-1) ?? ''] ?? 'th')
  return `${n}${tail}`
}

const KNOWN = new Set(['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYHOUR', 'BYMINUTE', 'COUNT', 'UNTIL', 'WKST'])

function rruleInWords(rule: string, time: string): string | null {
  const parts = Object.fromEntries(rule.split(';').map((part) => part.split('=', 2) as [string, string]))
  const unit = UNITS[parts.FREQ ?? '']
  const days = daysInWords(parts.BYDAY)
  const monthDays = parts.BYMONTHDAY?.split(',')
  if (unit === undefined || days === null || Object.keys(parts).some((name) => !KNOWN.has(name)) || monthDays?.some((n) => Number(n) < -1)) return null
  const clock = clockOf(parts, time)
  if (clock === null) return null
  const often = Number(parts.INTERVAL ?? 1)
  const words = [
    parts.BYDAY === WORKDAYS && often === 1 ? 'every weekday' : often === 1 ? `every ${unit}` : `every ${count(often, unit)}`,
    days !== '' && !(parts.BYDAY === WORKDAYS && often === 1) ? `on ${days}` : '',
    monthDays ? `on the ${joinWords(monthDays.map(nth))}` : '',
    parts.BYMONTH === undefined ? '' : `in ${joinWords(parts.BYMONTH.split(',').map((n) => MONTHS[Number(n) - 1] ?? n))}`,
    unit === 'hour' ? '' : `at ${clock}`,
    parts.COUNT === undefined ? '' : `, ${count(Number(parts.COUNT), 'time')} in all`,
    parts.UNTIL === undefined ? '' : `, until ${untilInWords(parts.UNTIL)}`,
  ]
  return words.filter((word) => word !== '').join(' ').replaceAll(' ,', ',')
}

/** The days of `MO,1TU`; an empty text for none, null where a day is unknown. */
function daysInWords(written: string | undefined): string | null {
  if (written === undefined) return ''
  const words = written.split(',').map((one) => {
    const [, at = '', code = ''] = /^([+-]?\d+)?([A-Z]{2})$/.exec(one) ?? []
    const day = DAYS[code]
    const ordinal = at === '' ? '' : ORDINALS[at.replace('+', '')]
    return day === undefined || ordinal === undefined ? null : ordinal === '' ? day : `the ${ordinal} ${day}`
  })
  return words.includes(null) ? null : joinWords(words as string[])
}

function clockOf(parts: Record<string, string>, time: string): string | null {
  const [hour = '', minute = ''] = time.split(':')
  const hours = (parts.BYHOUR ?? hour).split(',')
  const minutes = (parts.BYMINUTE ?? minute).split(',')
  if (minutes.length > 1) return null
  return joinWords(hours.map((one) => `${one.padStart(2, '0')}:${(minutes[0] ?? '').padStart(2, '0')}`))
}

function untilInWords(written: string): string {
  return formatDay(`${written.slice(0, 4)}-${written.slice(4, 6)}-${written.slice(6, 8)}`, { day: 'numeric', month: 'short', year: 'numeric' })
}

const NUMBER = /^\d{1,2}$/
const LIST = /^\d{1,2}(,\d{1,2})*$/

function cronInWords(rule: string): string | null {
  const [minute = '', hour = '', date = '', month = '', weekday = ''] = rule.split(' ')
  if (month !== '*' || (date !== '*' && weekday !== '*')) return null
  const step = /^\*\/(\d+)$/.exec(minute)?.[1]
  if (step !== undefined && hour === '*' && date === '*' && weekday === '*') return `every ${step} minutes`
  if (!NUMBER.test(minute)) return null
  if (hour === '*' && date === '*' && weekday === '*') return `every hour at ${minute.padStart(2, '0')} minutes past`
  if (!LIST.test(hour)) return null
  const clock = joinWords(hour.split(',').map((one) => `${one.padStart(2, '0')}:${minute.padStart(2, '0')}`))
  if (date !== '*') return LIST.test(date) ? `every month on the ${joinWords(date.split(',').map(nth))} at ${clock}` : null
  if (weekday === '*') return `every day at ${clock}`
  if (['1-5', 'MON-FRI'].includes(weekday)) return `every weekday at ${clock}`
  const days = weekday.split(',').map(cronDay)
  return days.includes(null) ? null : `every week on ${joinWords(days as string[])} at ${clock}`
}

/** `1`, `MON` → Monday; null for what is no single day. */
function cronDay(written: string): string | null {
  const code = NUMBER.test(written) ? CODES[(Number(written) + 6) % 7] : written.slice(0, 2)
  return (Number(written) > 7 ? null : DAYS[code ?? '']) ?? null
}

/** How often something repeats, as a form offers it. `own` is a rule that somebody writes. */
export type Repeat = 'once' | 'daily' | 'weekdays' | 'weekly' | 'monthly' | 'own'

/** What a form offers for a first day: with the rule that it stands for. */
export function repeatsFrom(day: string): { value: Repeat; label: string; rule: string | null }[] {
  const date = Number(day.slice(8, 10))
  const code = CODES[(new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7] ?? 'MO'
  return [
    { value: 'once', label: 'Does not repeat', rule: null },
    { value: 'daily', label: 'Every day', rule: 'FREQ=DAILY' },
    { value: 'weekdays', label: 'Every weekday', rule: `FREQ=WEEKLY;BYDAY=${WORKDAYS}` },
    { value: 'weekly', label: `Every week on ${DAYS[code] ?? ''}`, rule: `FREQ=WEEKLY;BYDAY=${code}` },
    { value: 'monthly', label: `Every month on the ${nth(String(date))}`, rule: `FREQ=MONTHLY;BYMONTHDAY=${date}` },
    { value: 'own', label: 'By a rule of its own', rule: null },
  ]
}
