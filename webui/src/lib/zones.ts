/**
 * Times on the clocks of a zone. A wall time is written `2026-11-24T08:00`, a day `2026-11-24`; neither has an offset.
 * What daylight saving does to a wall time is the server's to say: here they are only shown and counted.
 */
const DAY_MS = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const found =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-GB', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  formats.set(zone, found)
  return found
}

/** What the clocks of a zone show at an instant. */
export function wallOf(at: Date, zone: string): string {
  const parts = Object.fromEntries(formatOf(zone).formatToParts(at).map(({ type, value }) => [type, value]))
  return `${parts.year ?? ''}-${parts.month ?? ''}-${parts.day ?? ''}T${parts.hour ?? ''}:${parts.minute ?? ''}`
}

/** The wall time as if it were one in UTC: for counting alone. */
function asUtc(wall: string): number {
  return Date.parse(`${wall.slice(0, 16)}:00Z`)
}

/** The instant at which the clocks of a zone show a wall time; within an hour of it where clocks are moved. */
export function instantOf(wall: string, zone: string): Date {
  let at = asUtc(wall)
  for (let round = 0; round < 2; round += 1) at += asUtc(wall) - asUtc(wallOf(new Date(at), zone))
  return new Date(at)
}

/** A day `n` days later. */
export function addDays(day: string, n: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + n * DAY_MS).toISOString().slice(0, 10)
}

/** How many days lie between two days. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY_MS)
}

/** The first day of a day's month, so many months later. */
export function monthOf(day: string, later = 0): string {
  return new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + later, 1)).toISOString().slice(0, 10)
}

/** The Monday of a day's week. */
export function weekOf(day: string): string {
  return addDays(day, -((new Date(`${day}T00:00Z`).getUTCDay() + 6) % 7))
}

/** Whether a text is a day of the calendar. */
export function isDay(text: string | undefined): text is string {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const at = new Date(`${text}T00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

/** A day in words of one's choice, such as `{ weekday: 'long' }`. */
export function formatDay(day: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(new Date(`${day.slice(0, 10)}T00:00Z`))
}

/** “Tue 24 Nov 2026, 08:00”. Anything after the minutes, such as an offset, is left out. */
export function formatWall(wall: string): string {
  return `${formatDay(wall, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }).replace(',', '')}, ${wall.slice(11, 16)}`
}

/** “UTC+1” of `2026-11-24T08:00:00+01:00`. */
export function offsetOf(local: string): string {
  const found = /([+-])(\d{2}):(\d{2})$/.exec(local)
  if (!found) return 'UTC'
  const [, sign = '+', hours = '0', minutes = '00'] = found
  if (Number(hours) === 0 && minutes === '00') return 'UTC'
  return `UTC${sign === '-' ? '−' : '+'}${Number(hours)}${minutes === '00' ? '' : `:${minutes}`}`
}

/** Every zone that this browser knows, by name. */
export function zoneNames(): string[] {
  return ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')]
}

/** The zone of the reader's own clock. */
export function readerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}
