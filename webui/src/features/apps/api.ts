import { queryOptions } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { AppRead } from '@/api/types'

/** The apps that this tenant can give, each with its form. */
export const appsQuery = queryOptions({
  queryKey: ['apps'],
  queryFn: async ({ signal }) => (await client.get<{ items: AppRead[] }>('/api/apps', { signal })).items,
  staleTime: 60_000,
})

/** Why an app cannot be switched on now, or null when it can. */
export function whyNot(app: AppRead): string | null {
  if (app.connection === null) return 'Not connected yet. An administrator connects it first.'
  if (['needs_reauth', 'error', 'disconnected'].includes(app.connection.status)) {
    return app.connection.reason ?? 'The connected account needs attention.'
  }
  return app.enabled ? null : 'Not enabled for this tenant.'
}
