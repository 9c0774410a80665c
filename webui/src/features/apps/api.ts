import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { AppChange, AppRead } from '@/api/types'

/** Every app with its form: those that this tenant offers, and those that it could. */
export const appsQuery = queryOptions({
  queryKey: ['apps'],
  queryFn: async ({ signal }) => (await client.get<{ items: AppRead[] }>('/api/apps', { signal })).items,
  staleTime: 60_000,
})

/** Why an app cannot be switched on now, or null when it can. */
export function whyNot(app: AppRead): string | null {
  if (!app.offered) return 'Switched off under Apps.'
  if (app.connection === null) return 'Not connected yet. An administrator connects it first.'
  if (['needs_reauth', 'error', 'disconnected'].includes(app.connection.status)) {
    return app.connection.reason ?? 'The connected account needs attention.'
  }
  return app.enabled ? null : 'Not enabled for this tenant.'
}

/** Offers an app to this tenant's people or stops it, and says what its form is filled in with. */
export function useChangeApp() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ app, ...body }: { app: string } & AppChange) =>
      client.put<AppRead>(`/api/apps/${encodeURIComponent(app)}`, { body }),
    onSuccess: (switched) => {
      queries.setQueryData<AppRead[]>(appsQuery.queryKey, (before) => before?.map((one) => (one.key === switched.key ? switched : one)))
    },
    onSettled: () => queries.invalidateQueries({ queryKey: appsQuery.queryKey }),
  })
}
