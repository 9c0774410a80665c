import type { EntryRead } from '@/api/types'
import { addDays, daysBetween, formatDay, monthOf, wallOf, weekOf } from '@/lib/zones'

export type CalendarView = 'week' | 'month'

/** The weeks that a view shows, each of seven days beginning with Monday. */
export function weeksOf(view: CalendarView, day: string): string[][] {
  const first = weekOf(view === 'week' ? day : monthOf(day))
  const weeks = view === 'week' ? 1 : Math.ceil(daysBetween(first, monthOf(day, 1)) / 7)
  return Array.from({ length: weeks }, (_, week) => Array.from({ length: 7 }, (_, n) => addDays(first, week * 7 + n)))
}

/** “November 2026”, “16–22 Nov 2026”, “30 Nov – 6 Dec 2026”. */
export function titleOf(view: CalendarView, day: string): string {
  if (view === 'month') return formatDay(day, { month: 'long', year: 'numeric' })
  const first = weekOf(day)
  const last = addDays(first, 6)
  const end = formatDay(last, { day: 'numeric', month: 'short', year: 'numeric' })
  if (first.slice(0, 7) === last.slice(0, 7)) return `${Number(first.slice(8))}–${end}`
  const sameYear = first.slice(0, 4) === last.slice(0, 4)
  return `${formatDay(first, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) })} – ${end}`
}

/** The same view, so many weeks or months later. */
export function turned(view: CalendarView, day: string, n: number): string {
  return view === 'week' ? addDays(weekOf(day), 7 * n) : monthOf(day, n)
}

/** The day on which an entry stands, on the calendar's clocks. */
export function dayOfEntry(entry: EntryRead, zone: string): string {
  return wallOf(new Date(entry.at), zone).slice(0, 10)
}

/** Entries by their day. */
export function byDay(entries: readonly EntryRead[], zone: string): ReadonlyMap<string, EntryRead[]> {
  const days = new Map<string, EntryRead[]>()
  for (const entry of entries) {
    const day = dayOfEntry(entry, zone)
    days.set(day, [...(days.get(day) ?? []), entry])
  }
  return days
}

/** The time that an entry gets, on the clocks of its own zone, when it is put so many days later: its time of day stays. */
export function wallAfter(entry: EntryRead, days: number): string {
  return `${addDays(entry.local.slice(0, 10), days)}T${entry.local.slice(11, 19)}`
}

/** An entry's name in the page: a repeating one stands there several times. */
export function idOf(entry: EntryRead): string {
  if (entry.run_id !== null) return `calendar-entry-${entry.run_id}`
  return `calendar-entry-${entry.schedule_id}${entry.recurring ? `-${entry.at.replace(/\D/g, '').slice(0, 12)}` : ''}`
}
