import { anySet } from '@/lib/filters'
import { addDays, instantOf, isDay } from '@/lib/zones'

export type View = 'list' | 'week' | 'month'

/** What the schedule's address holds; days are those of the tenant's zone. */
export interface ScheduleFilters {
  view?: 'week' | 'month'
  /** A day of the week or month that the calendar shows. */
  day?: string
  status?: string
  tag?: string
  from?: string
  to?: string
  offset?: number
}

export const SCHEDULE_STATES = ['pending', 'executing', 'completed', 'failed', 'cancelled'] as const

/** Which one the list shows where the address names none: what is still to come. */
export const COMING = 'pending'

/** The filters as the server reads them: `to` names the last day that counts, so the server gets the instant after it. */
export function toQuery(filters: ScheduleFilters, zone: string, limit: number): Record<string, string | number | undefined> {
  const begin = (day: string | undefined, later: number) => (isDay(day) ? instantOf(`${addDays(day, later)}T00:00`, zone).toISOString() : undefined)
  const { status = COMING } = filters
  return {
    status: status === 'any' ? undefined : status,
    tag: filters.tag?.trim(),
    from: begin(filters.from, 0),
    to: begin(filters.to, 1),
    // Of what is to come the next first, of what was the last.
    order: status === COMING ? 'earliest' : 'latest',
    limit,
    offset: filters.offset,
  }
}

/** Whether anything narrows what is shown. */
export function isFiltered({ status, tag, from, to }: ScheduleFilters): boolean {
  return anySet(status, tag, from, to)
}

/** How the server looks a tag up: `to-be-created` is “to be created”. */
export function tagSlug(tag: string): string {
  return tag.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '')
}
