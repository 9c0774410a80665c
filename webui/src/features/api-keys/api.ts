import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { ApiKeyCreate, ApiKeyCreated, ApiKeyPage } from '@/api/types'

const ALL = ['api-keys']
export const KEYS_PER_PAGE = 50

/** The tenant's API keys, living ones first, and what a key may be allowed. */
export function apiKeysQuery(offset = 0) {
  return queryOptions({
    queryKey: [...ALL, offset],
    queryFn: ({ signal }) => client.get<ApiKeyPage>('/api/api-keys', { query: { limit: KEYS_PER_PAGE, offset }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** Makes a key. Its answer is the only place where the key itself is ever told, so it is kept in no cache. */
export function useCreateApiKey() {
  const queries = useQueryClient()
  return useMutation({
    gcTime: 0,
    mutationFn: (body: ApiKeyCreate) => client.post<ApiKeyCreated>('/api/api-keys', { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL }),
  })
}

/** Ends a key for good. */
export function useRevokeApiKey() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => client.delete(`/api/api-keys/${encodeURIComponent(id)}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ALL }),
  })
}
