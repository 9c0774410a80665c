import { useQueryClient } from '@tanstack/react-query'
import { useEvents, type Following } from '@/lib/use-events'
import { refreshRequest } from '../api'

const NAMES = ['request.changed', 'plan.changed', 'result.changed', 'action.changed', 'message']

/** Follows a request while it can still change. Each event marks the request as old; several in one moment make one fetch. */
export function useRequestEvents(id: string, active: boolean): Following {
  const queries = useQueryClient()
  return useEvents({
    path: active ? `/api/requests/${encodeURIComponent(id)}/events` : null,
    names: NAMES,
    refresh: () => void refreshRequest(queries, id),
  })
}
