import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { address, client } from '@/api/client'
import type { ConnectionCreate, ConnectionDetail, DependantsRead, VendorMethodsRead } from '@/api/types'
import { paths } from '@/config/paths'

const ALL = ['connections']
const one = (id: string) => `/api/connections/${encodeURIComponent(id)}`

/** Every vendor account of this tenant. */
export const connectionsQuery = queryOptions({
  queryKey: [...ALL, 'list'],
  queryFn: async ({ signal }) => (await client.get<{ items: ConnectionDetail[] }>('/api/connections', { signal })).items,
  refetchInterval: 60_000,
})

/** One vendor account. */
export function connectionQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'one', id],
    queryFn: ({ signal }) => client.get<ConnectionDetail>(one(id), { signal }),
    refetchInterval: 60_000,
  })
}

/** Every vendor with the ways to connect it. */
export const vendorsQuery = queryOptions({
  queryKey: ['connection-methods'],
  queryFn: async ({ signal }) => (await client.get<{ items: VendorMethodsRead[] }>('/api/connection-methods', { signal })).items,
  staleTime: 300_000,
})

/** What hangs on a connection, as of now. */
export function dependantsQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'dependants', id],
    queryFn: ({ signal }) => client.get<DependantsRead>(`${one(id)}/dependants`, { signal }),
    staleTime: 0,
    gcTime: 0,
  })
}

/** Where the browser goes, by a full page load, to agree at the vendor. */
export function authorizeAddress(vendor: string, method: string, connectionId?: string): string {
  return address(`/auth/oauth/${encodeURIComponent(vendor)}/authorize`, { method, connection_id: connectionId, return_to: paths.connections })
}

/** The apps show through what they are connected, so they are asked again too. */
function refresh(queries: QueryClient) {
  return Promise.all([queries.invalidateQueries({ queryKey: ALL }), queries.invalidateQueries({ queryKey: ['apps'] })])
}

function keep(queries: QueryClient, connection: ConnectionDetail) {
  queries.setQueryData(connectionQuery(connection.id).queryKey, connection)
}

/** Connects with what was typed in, which the vendor is asked about before it is kept. */
export function useConnect(vendor: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: ConnectionCreate) => client.post<ConnectionDetail>(`/api/connections/${encodeURIComponent(vendor)}`, { body }),
    onSuccess: (connection) => {
      keep(queries, connection)
      return refresh(queries)
    },
  })
}

/** Gives a connection another display name. */
export function useRename(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (title: string) => client.patch<ConnectionDetail>(one(id), { body: { title } }),
    onSuccess: (connection) => {
      keep(queries, connection)
      return refresh(queries)
    },
  })
}

/** Ends the grant at the vendor and destroys the secrets. */
export function useDisconnect(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => client.post<ConnectionDetail>(`${one(id)}/disconnect`, { body: { confirm: true } }),
    onSuccess: (connection) => {
      keep(queries, connection)
      return refresh(queries)
    },
  })
}

const LOOKS = 40
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Asks the vendor whether the connection works, and waits for what came of it: null when that takes too long. */
export function useTest(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (): Promise<ConnectionDetail['last_test']> => {
      const before = (await client.get<ConnectionDetail>(one(id))).last_test?.at
      await client.post<unknown>(`${one(id)}/test`)
      for (let look = 0; look < LOOKS; look++) {
        await pause(look < 6 ? 500 : 1500)
        const connection = await client.get<ConnectionDetail>(one(id))
        if (connection.last_test && connection.last_test.at !== before) {
          keep(queries, connection)
          return connection.last_test
        }
      }
      return null
    },
    onSettled: () => refresh(queries),
  })
}
