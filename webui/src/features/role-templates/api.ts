import { keepPreviousData, queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type {
  RoleTemplateCreate,
  RoleTemplatePage,
  RoleTemplateRead,
  RoleTemplateUpdate,
  RoleTemplateVersionPage,
  SuggestionPage,
  SuggestionRead,
} from '@/api/types'

/** What a suggestion looks at. */
export interface Subject {
  department: string
  location: string
  job_title: string
}

const ALL = ['role-templates']
const one = (id: string) => `/api/role-templates/${encodeURIComponent(id)}`

/** Every role template by name; a tenant has no more than fit one page. */
export const roleTemplatesQuery = queryOptions({
  queryKey: [...ALL, 'list'],
  queryFn: async ({ signal }) => (await client.get<RoleTemplatePage>('/api/role-templates', { query: { limit: 200 }, signal })).items,
  staleTime: 30_000,
})

/** One role template with its newest version. */
export function roleTemplateQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'one', id],
    queryFn: ({ signal }) => client.get<RoleTemplateRead>(one(id), { signal }),
    // What is being edited is not taken away from under the hands.
    refetchOnWindowFocus: false,
  })
}

/** A role template's versions, newest first. */
export function versionsQuery(id: string, offset: number) {
  return queryOptions({
    queryKey: [...ALL, 'versions', id, offset],
    queryFn: ({ signal }) => client.get<RoleTemplateVersionPage>(`${one(id)}/versions`, { query: { limit: 10, offset }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The role templates that fit somebody, the closest first. Nobody in particular gets none. */
export function suggestionsQuery(subject: Subject) {
  // Nothing else that is known of the person is anybody's business here.
  const { department, location, job_title } = subject
  const body = { department: department.trim(), location: location.trim(), job_title: job_title.trim() }
  const asked = Object.values(body).some((value) => value !== '')
  return queryOptions({
    queryKey: [...ALL, 'suggestions', body],
    queryFn: async ({ signal }): Promise<SuggestionRead[]> =>
      asked ? (await client.post<SuggestionPage>('/api/role-templates/suggest', { body, signal })).items : [],
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  })
}

function refresh(queries: QueryClient) {
  return queries.invalidateQueries({ queryKey: ALL })
}

/** Makes a role template. The same key makes it once, however often the reply is lost. */
export function useCreateRoleTemplate() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: RoleTemplateCreate; idempotencyKey: string }) =>
      client.post<RoleTemplateRead>('/api/role-templates', { body, idempotencyKey }),
    onSuccess: () => refresh(queries),
  })
}

/** Makes a new version of a role template. */
export function useChangeRoleTemplate(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: RoleTemplateUpdate) => client.put<RoleTemplateRead>(one(id), { body }),
    onSuccess: (changed) => {
      queries.setQueryData(roleTemplateQuery(id).queryKey, changed)
      return refresh(queries)
    },
  })
}

/** Offers a role template to nobody any more. */
export function useDeleteRoleTemplate(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (version: number) => client.delete(one(id), { query: { version } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: roleTemplatesQuery.queryKey }),
  })
}
