import { anySet } from '@/lib/filters'
import { dayInstant } from '@/lib/time'

/** The list's filters as they stand in the URL; days are in the reader's own zone. */
export interface RequestFilters {
  state?: string
  app?: string
  waiting_for?: string
  q?: string
  from?: string
  to?: string
  offset?: number
}

export const REQUEST_STATES = ['planned', 'queued', 'running', 'completed', 'partial', 'failed', 'cancelled'] as const

/** Whom a request may wait for, in words. */
export const WAITING_FOR: readonly { value: string; label: string }[] = [
  { value: 'me', label: 'Me' },
  { value: 'person', label: 'Any of us' },
  { value: 'nobody', label: 'Nobody in particular' },
  { value: 'invited', label: 'The invited person' },
]

/** The filters as the server reads them: `to` names the last day that counts, so the server gets the instant after it. */
export function toQuery(filters: RequestFilters, limit: number): Record<string, string | number | undefined> {
  return {
    state: filters.state,
    app: filters.app,
    waiting_for: filters.waiting_for,
    q: filters.q?.trim(),
    from: dayInstant(filters.from, 0),
    to: dayInstant(filters.to, 1),
    limit,
    offset: filters.offset,
  }
}

/** Whether anything narrows the list. */
export function isFiltered(filters: RequestFilters): boolean {
  return anySet(filters.state, filters.app, filters.waiting_for, filters.q, filters.from, filters.to)
}
