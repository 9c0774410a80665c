import { queryOptions } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { OverviewRead } from '@/api/types'

/** Counts, what waits, and what happened last; fetched again while the page is open. */
export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => client.get<OverviewRead>('/api/overview', { signal }),
  refetchInterval: 15_000,
})
