import { queryOptions, useMutation } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { SessionRead } from '@/api/types'

/** Who is signed in, where and as what. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => client.get<SessionRead>('/bff/session', { signal }),
  staleTime: 60_000,
})

/** Ends the session everywhere, then leaves for where the identity provider wants the browser. */
export function useSignOut() {
  return useMutation({
    mutationFn: () => client.post<{ redirect: string }>('/bff/sign-out'),
    onSuccess: ({ redirect }) => {
      window.location.assign(redirect === '' ? '/sign-in' : redirect)
    },
  })
}

/** Moves the session to another tenant; the page is loaded anew, so that nothing of the old tenant stays in memory. */
export function useChooseTenant() {
  return useMutation({
    mutationFn: (tenantId: string) => client.post<unknown>('/bff/tenant', { body: { tenant_id: tenantId } }),
    onSuccess: () => {
      window.location.assign('/')
    },
  })
}

/** Whether the session's role carries a permission. */
export function can(session: SessionRead | undefined, permission: string): boolean {
  return session?.permissions?.includes(permission) ?? false
}
