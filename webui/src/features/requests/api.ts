import { keepPreviousData, queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { CallRead, RequestPage, RequestRead } from '@/api/types'
import { toQuery, type RequestFilters } from './filters'

const keys = {
  all: ['requests'] as const,
  list: (filters: RequestFilters) => ['requests', 'list', filters] as const,
  one: (id: string) => ['requests', 'one', id] as const,
  calls: (id: string, action: string) => ['requests', 'calls', id, action] as const,
}

/** How many requests a page of the list holds. */
export const PAGE = 25

/** A page of requests that match the filters. */
export function requestsQuery(filters: RequestFilters) {
  return queryOptions({
    queryKey: keys.list(filters),
    queryFn: ({ signal }) => client.get<RequestPage>('/api/requests', { query: toQuery(filters, PAGE), signal }),
    placeholderData: keepPreviousData,
  })
}

/** One request, whole. */
export function requestQuery(id: string) {
  return queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }) => client.get<RequestRead>(`/api/requests/${encodeURIComponent(id)}`, { signal }),
    staleTime: 0,
  })
}

/** Requests that match a few letters, for the command palette. */
export function findRequestsQuery(text: string) {
  return queryOptions({
    queryKey: ['requests', 'find', text],
    queryFn: ({ signal }) => client.get<RequestPage>('/api/requests', { query: { q: text, limit: 5 }, signal }),
  })
}

/** The vendor's exchanges of one action, redacted. */
export function callsQuery(id: string, action: string) {
  return queryOptions({
    queryKey: keys.calls(id, action),
    queryFn: async ({ signal }) => {
      const answer = await client.get<{ items: CallRead[] } | CallRead[]>(`/api/requests/${id}/actions/${action}/calls`, { signal })
      return Array.isArray(answer) ? answer : answer.items
    },
    staleTime: 0,
  })
}

/** Marks what is known of a request as old, so that it is fetched again. */
export function refreshRequest(queries: QueryClient, id: string): Promise<void> {
  void queries.invalidateQueries({ queryKey: ['requests', 'list'], refetchType: 'none' })
  void queries.invalidateQueries({ queryKey: ['requests', 'calls', id] })
  return queries.invalidateQueries({ queryKey: keys.one(id) })
}

/** What can be done to a request, or to something in it. */
export type RequestAct =
  | { what: 'cancel' | 'retry' }
  | { what: 'retry-app'; app: string }
  | { what: 'retry-action' | 'resend' | 'look'; action: string }
  | { what: 'done'; action: string; note: string }
  /** `me`, an operator's address, or nobody in particular. */
  | { what: 'assign'; action: string; assignee: string | null }

function callOf(act: RequestAct): { path: string; body?: unknown } {
  switch (act.what) {
    case 'cancel':
    case 'retry':
      return { path: act.what }
    case 'retry-app':
      return { path: `results/${encodeURIComponent(act.app)}/retry` }
    case 'retry-action':
      return { path: `actions/${act.action}/retry` }
    case 'done':
      return { path: `actions/${act.action}/done`, body: { note: act.note.trim() === '' ? null : act.note.trim() } }
    case 'assign':
      return { path: `actions/${act.action}/assign`, body: { assignee: act.assignee } }
    default:
      return { path: `actions/${act.action}/${act.what}` }
  }
}

/** Does something to a request. The answer is the request as it is then. */
export function useRequestAct(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (act: RequestAct) => {
      const { path, body } = callOf(act)
      return client.post<RequestRead>(`/api/requests/${id}/${path}`, { body })
    },
    onSuccess: (answer) => {
      queries.setQueryData(keys.one(id), answer)
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ['overview'] })
      return refreshRequest(queries, id)
    },
  })
}

/** Opens the sealed first password: the server answers once. Nothing of it is kept in the cache. */
export function useRevealPassword(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (action: string) => client.post<{ password: string }>(`/api/requests/${id}/actions/${action}/first-password`),
    gcTime: 0,
    onSettled: () => refreshRequest(queries, id),
  })
}
