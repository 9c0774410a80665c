import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { GroupRoleRead, GroupRolesRead, OperatorPage, OperatorRead } from '@/api/types'

const ALL = ['operators']
const one = (id: string) => `/api/operators/${encodeURIComponent(id)}`

export interface OperatorFilters {
  q?: string
  offset?: number
}

/** Who may sign in to this tenant, by name. */
export function operatorsQuery({ q, offset = 0 }: OperatorFilters) {
  return queryOptions({
    queryKey: [...ALL, 'list', q ?? '', offset],
    queryFn: ({ signal }) => client.get<OperatorPage>('/api/operators', { query: { q, limit: 50, offset }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** Which groups of the identity provider mean which role. */
export const groupRolesQuery = queryOptions({
  queryKey: [...ALL, 'group-roles'],
  queryFn: ({ signal }) => client.get<GroupRolesRead>('/api/operators/group-roles', { signal }),
  // What is being edited is not taken away from under the hands.
  refetchOnWindowFocus: false,
})

export type OperatorAct =
  | { what: 'add'; email: string; name: string; role: string }
  | { what: 'change'; id: string; role?: string; disabled?: boolean }
  | { what: 'remove'; id: string }

/** Adds, changes or removes an operator. It counts at once, for their open pages too. */
export function useOperatorAct() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (act: OperatorAct): Promise<void> => {
      if (act.what === 'add') await client.post<OperatorRead>('/api/operators', { body: { email: act.email, name: act.name, role: act.role } })
      else if (act.what === 'remove') await client.delete(one(act.id))
      else await client.patch<OperatorRead>(one(act.id), { body: { role: act.role, disabled: act.disabled } })
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL }),
  })
}

/** Says which groups mean what, from now on. */
export function useSetGroupRoles() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (items: GroupRoleRead[]) => client.put<GroupRolesRead>('/api/operators/group-roles', { body: { items } }),
    onSuccess: (stored) => {
      queries.setQueryData(groupRolesQuery.queryKey, stored)
      return queries.invalidateQueries({ queryKey: ALL })
    },
  })
}
