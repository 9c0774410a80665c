import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { EmployeePage, EmployeeRead } from '@/api/types'

export interface PeopleFilters {
  q?: string
  status?: string
  offset?: number
}

/** How many people a page of the list holds. */
export const PAGE = 25

/** A page of people. */
export function peopleQuery(filters: PeopleFilters) {
  return queryOptions({
    queryKey: ['people', 'list', filters],
    queryFn: ({ signal }) =>
      client.get<EmployeePage>('/api/employees', {
        query: { q: filters.q?.trim(), status: filters.status, limit: PAGE, offset: filters.offset },
        signal,
      }),
    placeholderData: keepPreviousData,
  })
}

/** One person with accounts and history. */
export function personQuery(id: string) {
  return queryOptions({
    queryKey: ['people', 'one', id],
    queryFn: ({ signal }) => client.get<EmployeeRead>(`/api/employees/${encodeURIComponent(id)}`, { signal }),
  })
}

/** People that match a few letters, for the command palette. */
export function findPeopleQuery(text: string) {
  return queryOptions({
    queryKey: ['people', 'find', text],
    queryFn: ({ signal }) => client.get<EmployeePage>('/api/employees', { query: { q: text, limit: 5 }, signal }),
  })
}
