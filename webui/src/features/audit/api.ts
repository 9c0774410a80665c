import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { AuditPage } from '@/api/types'
import { dayInstant } from '@/lib/time'

export interface AuditFilters {
  action?: string
  actor?: string
  from?: string
  to?: string
  offset?: number
}

/** How many entries a page of the list holds. */
export const PAGE = 50

/** A page of audit entries, newest first. */
export function auditQuery(filters: AuditFilters) {
  return queryOptions({
    queryKey: ['audit', filters],
    queryFn: ({ signal }) =>
      client.get<AuditPage>('/api/audit', {
        query: {
          action: filters.action?.trim(),
          actor: filters.actor?.trim(),
          from: dayInstant(filters.from, 0),
          to: dayInstant(filters.to, 1),
          limit: PAGE,
          offset: filters.offset,
        },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
}
