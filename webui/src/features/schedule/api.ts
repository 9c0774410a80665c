import { keepPreviousData, queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type {
  CalendarRead,
  PreviewRead,
  RunPage,
  ScheduleCreate,
  ScheduleDetail,
  ScheduleHealthRead,
  SchedulePage,
  ScheduleSettingsRead,
  ScheduleUpdate,
} from '@/api/types'
import { toQuery, type ScheduleFilters } from './filters'
import { toTiming, type When } from './when'

const ALL = ['schedule']
const one = (id: string) => `/api/schedule/${encodeURIComponent(id)}`

/** How many a page of the list holds. */
export const PAGE = 25

/** The zone that days and times without one mean. */
export const scheduleZoneQuery = queryOptions({
  queryKey: [...ALL, 'zone'],
  queryFn: async ({ signal }) => (await client.get<ScheduleSettingsRead>('/api/schedule/settings', { signal })).time_zone,
  staleTime: 300_000,
})

/** A page of schedules that match the filters, the next ones first. */
export function schedulesQuery(filters: ScheduleFilters, zone: string) {
  return queryOptions({
    queryKey: [...ALL, 'list', filters, zone],
    queryFn: ({ signal }) => client.get<SchedulePage>('/api/schedule', { query: toQuery(filters, zone, PAGE), signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
}

/** The next ones, for the overview. */
export function nextSchedulesQuery(limit: number) {
  return queryOptions({
    queryKey: [...ALL, 'next', limit],
    queryFn: ({ signal }) => client.get<SchedulePage>('/api/schedule', { query: { status: 'pending', limit }, signal }),
    refetchInterval: 30_000,
  })
}

const SETTLED = new Set(['completed', 'failed', 'cancelled'])

/** How long until a schedule is looked at again: each second or two when its time is near or it runs. */
export function paceOf(schedule: ScheduleDetail | undefined, now: number): number {
  if (schedule === undefined) return 15_000
  const soon = schedule.next_run_at !== null && new Date(schedule.next_run_at).getTime() - now < 30_000
  return soon || (schedule.status === 'executing' && !schedule.needs_person) ? 1500 : SETTLED.has(schedule.status) ? 60_000 : 15_000
}

/** One schedule with its newest run and its next five times. */
export function scheduleQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'one', id],
    queryFn: ({ signal }) => client.get<ScheduleDetail>(one(id), { signal }),
    staleTime: 0,
    refetchInterval: (query) => paceOf(query.state.data, Date.now()),
  })
}

/** A schedule's runs, newest first. `seen` is what the schedule said last: another state means other runs. */
export function runsQuery(id: string, offset: number, seen: string) {
  return queryOptions({
    queryKey: [...ALL, 'runs', id, offset, seen],
    queryFn: ({ signal }) => client.get<RunPage>(`${one(id)}/runs`, { query: { limit: 10, offset }, signal }),
    placeholderData: keepPreviousData,
  })
}

/** Every run and every time to come between two instants. */
export function calendarQuery(from: string, to: string) {
  return queryOptions({
    queryKey: [...ALL, 'calendar', from, to],
    queryFn: ({ signal }) => client.get<CalendarRead>('/api/schedule/calendar', { query: { from, to }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  })
}

/** Whether what is due runs, and what waits for a person. */
export const scheduleHealthQuery = queryOptions({
  queryKey: [...ALL, 'health'],
  queryFn: ({ signal }) => client.get<ScheduleHealthRead>('/api/schedule/health', { signal }),
  refetchInterval: 15_000,
})

/** What a form's time would come to. Nothing is stored. */
export function previewQuery(when: When) {
  const body = toTiming(when)
  return queryOptions({
    queryKey: [...ALL, 'preview', body],
    queryFn: ({ signal }) => client.post<PreviewRead>('/api/schedule/preview', { body, signal }),
    retry: false,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  })
}

function refresh(queries: QueryClient) {
  return queries.invalidateQueries({ queryKey: ALL })
}

/** Changes the zone that days and times without one mean. */
export function useChangeZone() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (zone: string) => (await client.put<ScheduleSettingsRead>('/api/schedule/settings', { body: { time_zone: zone } })).time_zone,
    onSuccess: (zone) => {
      queries.setQueryData(scheduleZoneQuery.queryKey, zone)
      return refresh(queries)
    },
  })
}

/** Schedules a hire. The same key makes it once, however often the reply is lost. */
export function useCreateSchedule() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: ScheduleCreate; idempotencyKey: string }) =>
      client.post<ScheduleDetail>('/api/schedule', { body, idempotencyKey }),
    onSuccess: () => refresh(queries),
  })
}

/** Reschedules, or changes tags or priority. */
export function useChangeSchedule() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, change }: { id: string; change: ScheduleUpdate }) => client.patch<ScheduleDetail>(one(id), { body: change }),
    onSuccess: (answer) => {
      queries.setQueryData(scheduleQuery(answer.id).queryKey, answer)
    },
    onSettled: () => refresh(queries),
  })
}

/** Runs a schedule now, or cancels it. */
export function useScheduleAct(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ what, idempotencyKey }: { what: 'cancel' | 'execute'; idempotencyKey?: string }) =>
      what === 'cancel' ? client.delete<ScheduleDetail>(one(id)) : client.post<ScheduleDetail>(`${one(id)}/execute`, { idempotencyKey }),
    onSuccess: (answer) => {
      queries.setQueryData(scheduleQuery(id).queryKey, answer)
    },
    onSettled: () => refresh(queries),
  })
}
