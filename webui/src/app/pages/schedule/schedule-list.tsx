import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { schedulesQuery } from '@/features/schedule/api'
import { isFiltered, type ScheduleFilters } from '@/features/schedule/filters'
import { ScheduleTable } from '@/features/schedule/schedule-table'
import { atOffset } from '@/lib/filters'
import { EmptyState, ErrorState } from '@/ui/page'

/** The schedule as a list. */
export function ScheduleList({ filters, zone, newHire }: { filters: ScheduleFilters; zone: string; newHire: ReactNode }) {
  const navigate = useNavigate({ from: '/schedule' })
  const query = useQuery(schedulesQuery(filters, zone))
  if (query.isError) return <ErrorState id="schedule" error={query.error} onRetry={() => void query.refetch()} />
  if (query.data?.items.length === 0) {
    return isFiltered(filters) ? (
      <EmptyState
        icon="search"
        title="Nothing on the schedule matches these filters"
        action={
          <Button id="schedule-empty-clear" variant="default" onClick={() => void navigate({ search: {} })}>
            Clear the filters
          </Button>
        }
      >
        Widen the dates, choose any state, or look for another tag.
      </EmptyState>
    ) : (
      <EmptyState icon="calendar" title="Nothing is still to come" action={newHire}>
        Most hires are known weeks ahead. Enter one when you hear of it and choose its date in the last step: it then runs by itself.
      </EmptyState>
    )
  }
  return (
    <ScheduleTable
      page={query.data}
      refreshing={query.isPlaceholderData}
      onOpen={(schedule) => void navigate({ to: '/schedule/$scheduleId', params: { scheduleId: schedule.id } })}
      onOffset={(offset) => void navigate({ search: (before) => atOffset(before, offset) })}
    />
  )
}
