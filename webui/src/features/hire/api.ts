import { queryOptions, useMutation } from '@tanstack/react-query'
import { client } from '@/api/client'
import { ApiError } from '@/api/errors'
import type { EmployeeRead, PlanApply, RequestCreate, RequestRead } from '@/api/types'

/** Whether somebody with this address is already known here; null when nobody is. */
export function existingPersonQuery(workEmail: string) {
  return queryOptions({
    queryKey: ['people', 'by-email', workEmail.toLowerCase()],
    queryFn: async ({ signal }) => {
      try {
        return await client.get<EmployeeRead>('/api/employees/by-email', { query: { work_email: workEmail }, signal })
      } catch (error) {
        if (error instanceof ApiError && (error.status === 404 || error.status === 422)) return null
        throw error
      }
    },
    staleTime: 15_000,
    retry: false,
  })
}

/** A request while its plan is being made: asked again each second until the plan is there. */
export function planningQuery(requestId: string) {
  return queryOptions({
    queryKey: ['requests', 'one', requestId],
    queryFn: ({ signal }) => client.get<RequestRead>(`/api/requests/${requestId}`, { signal }),
  })
}

/**
 * The dry-run request of a wish: a plan, and nothing changed anywhere. It is a query because the same wish under the same
 * key is the same request, however often it is asked; `session` keeps one wizard's plans apart from another's.
 */
export function planQuery(session: string, wish: RequestCreate, idempotencyKey: string) {
  return queryOptions({
    queryKey: ['hire', 'plan', session, wish],
    queryFn: () => client.post<RequestRead>('/api/requests', { body: { ...wish, dry_run: true }, idempotencyKey }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: (failures, error) => failures < 1 && !(error instanceof ApiError),
  })
}

/** Makes the plan of a request anew, after it expired or the vendor's state changed. */
export function useRemakePlan() {
  return useMutation({ mutationFn: (requestId: string) => client.post<RequestRead>(`/api/requests/${requestId}/plan`) })
}

/** Applies exactly the plan that was shown. */
export function useApplyPlan() {
  return useMutation({
    mutationFn: ({ requestId, apply }: { requestId: string; apply: PlanApply }) =>
      client.post<RequestRead>(`/api/requests/${requestId}/apply`, { body: apply }),
  })
}

/** Puts away a planned request that another plan replaces. Best effort: an unused plan expires by itself. */
export function dropPlanned(requestId: string): void {
  client.post(`/api/requests/${requestId}/cancel`).catch(() => undefined)
}
