import { anySet } from '@/lib/filters'
import { dayInstant } from '@/lib/time'

export type View = 'events' | 'dead' | 'messages' | 'gaps'

/** What the page's address holds; days are in the reader's own zone. Without a view it is the overview. */
export interface NotificationFilters {
  view?: View
  state?: string
  subscription?: string
  change?: string
  from?: string
  to?: string
  q?: string
  /** What is open in a dialog, by id. */
  open?: string
  offset?: number
}

export const EVENT_STATES = ['queued', 'retrying', 'done', 'dead'] as const
export const CHANGES = ['created', 'updated', 'deleted', 'reauthorizationRequired', 'subscriptionRemoved', 'missed'] as const

/** The filters as the server reads them: `to` names the last day that counts, so the server gets the instant after it. */
export function toQuery(filters: NotificationFilters, limit: number): Record<string, string | number | undefined> {
  return {
    state: filters.view === 'dead' ? 'dead' : filters.state,
    subscription_id: filters.subscription,
    change_type: filters.change,
    since: dayInstant(filters.from, 0),
    until: dayInstant(filters.to, 1),
    limit,
    offset: filters.offset,
  }
}

/** Whether anything narrows what is shown. */
export function isFiltered({ state, subscription, change, from, to, q }: NotificationFilters): boolean {
  return anySet(state, subscription, change, from, to, q)
}
