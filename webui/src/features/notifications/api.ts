import { keepPreviousData, queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type {
  GapPage,
  MessagePage,
  MessageRead,
  NotificationHealthRead,
  NotificationPage,
  NotificationRead,
  SubscriptionCreate,
  SubscriptionList,
  SubscriptionPage,
  SubscriptionRead,
} from '@/api/types'
import { toQuery, type NotificationFilters } from './filters'

const ALL = ['notifications']
const MS365 = '/api/ms365'
const subscription = (id: string) => `${MS365}/subscriptions/${encodeURIComponent(id)}`
const notification = (id: string) => `${MS365}/notifications/${encodeURIComponent(id)}`

/** How many a page of a list holds. */
export const PAGE = 25

/** How notifications are, at a glance. */
export const notificationHealthQuery = queryOptions({
  queryKey: [...ALL, 'health'],
  queryFn: ({ signal }) => client.get<NotificationHealthRead>(`${MS365}/health`, { signal }),
  refetchInterval: 30_000,
})

/** A page of what is watched. */
export function subscriptionsQuery(offset: number, limit = PAGE) {
  return queryOptions({
    queryKey: [...ALL, 'subscriptions', offset, limit],
    queryFn: ({ signal }) => client.get<SubscriptionPage>(`${MS365}/subscriptions`, { query: { limit, offset }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** The newest of what is or was watched, for their names. */
export const watchedQuery = queryOptions({
  queryKey: [...ALL, 'watched'],
  queryFn: async ({ signal }) => (await client.get<SubscriptionPage>(`${MS365}/subscriptions`, { query: { deleted: 'true', limit: 200 }, signal })).items,
})

/** One subscription. */
export function subscriptionQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'subscription', id],
    queryFn: ({ signal }) => client.get<SubscriptionRead>(subscription(id), { signal }),
  })
}

/** A page of what arrived, newest first. */
export function eventsQuery(filters: NotificationFilters) {
  const query = toQuery(filters, PAGE)
  return queryOptions({
    queryKey: [...ALL, 'events', query],
    queryFn: ({ signal }) => client.get<NotificationPage>(`${MS365}/notifications`, { query, signal }),
    placeholderData: keepPreviousData,
  })
}

/** One notification. */
export function eventQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'event', id],
    queryFn: ({ signal }) => client.get<NotificationRead>(notification(id), { signal }),
  })
}

/** A page of mails, newest first. */
export function messagesQuery({ q, subscription: subscription_id, offset }: NotificationFilters) {
  const query = { q: q?.trim(), subscription_id, limit: PAGE, offset }
  return queryOptions({
    queryKey: [...ALL, 'messages', query],
    queryFn: ({ signal }) => client.get<MessagePage>(`${MS365}/messages`, { query, signal }),
    placeholderData: keepPreviousData,
  })
}

/** One mail. */
export function messageQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'message', id],
    queryFn: ({ signal }) => client.get<MessageRead>(`${MS365}/messages/${encodeURIComponent(id)}`, { signal }),
  })
}

/** A page of gaps, the open ones first. */
export function gapsQuery({ subscription: subscription_id, state, offset }: NotificationFilters) {
  const query = { subscription_id, open: state === 'open' ? 'true' : undefined, limit: PAGE, offset }
  return queryOptions({
    queryKey: [...ALL, 'gaps', query],
    queryFn: ({ signal }) => client.get<GapPage>(`${MS365}/gaps`, { query, signal }),
    placeholderData: keepPreviousData,
  })
}

/**
 * Fetches again whatever is shown; a paused list of what arrived stays as it is. What could not be fetched at all keeps
 * saying so while it is only tried in turns: it would flicker between why and nothing.
 */
export function refreshNotifications(queries: QueryClient, { paused = false, inTurns = false } = {}): Promise<void> {
  return queries.invalidateQueries({
    queryKey: ALL,
    predicate: ({ queryKey, state }) => !(paused && queryKey[1] === 'events') && !(inTurns && state.data === undefined),
  })
}

/** Asks to be told: of one resource, or of several at once, of which all are watched or none. */
export function useSubscribe() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ wishes, idempotencyKey }: { wishes: SubscriptionCreate[]; idempotencyKey: string }): Promise<SubscriptionRead[]> => {
      const [only, ...more] = wishes
      if (only !== undefined && more.length === 0) return [await client.post<SubscriptionRead>(`${MS365}/subscriptions`, { body: only, idempotencyKey })]
      return (await client.post<SubscriptionList>(`${MS365}/subscriptions/bulk`, { body: { items: wishes } })).items
    },
    onSuccess: () => refreshNotifications(queries),
  })
}

export type SubscriptionAct = 'renew' | 'reauthorize' | 'resync' | 'delete'

/** Does something with a subscription now. The worker takes it to Microsoft. */
export function useSubscriptionAct() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, what }: { id: string; what: SubscriptionAct }) =>
      what === 'delete' ? client.delete<SubscriptionRead>(subscription(id)) : client.post<SubscriptionRead>(`${subscription(id)}/${what}`),
    onSettled: () => refreshNotifications(queries),
  })
}

/** Renews everything that is watched, now. */
export function useRenewAll() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async () => (await client.post<SubscriptionList>(`${MS365}/subscriptions/renew`)).items.length,
    onSettled: () => refreshNotifications(queries),
  })
}

/** Works on notifications again: on one, on chosen dead letters, or on all of them. How many. */
export function useReplay() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (order: { one: string } | { ids: string[] } | { subscription?: string }): Promise<number> => {
      if ('one' in order) {
        await client.post<NotificationRead>(`${notification(order.one)}/replay`)
        return 1
      }
      const body = 'ids' in order ? { ids: order.ids } : { subscription_id: order.subscription ?? null }
      return (await client.post<{ replayed: number }>(`${MS365}/notifications/replay`, { body })).replayed
    },
    onSettled: () => refreshNotifications(queries),
  })
}
