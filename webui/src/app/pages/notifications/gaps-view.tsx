import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { gapsQuery, watchedQuery } from '@/features/notifications/api'
import { SubscriptionFilter } from '@/features/notifications/event-filters'
import { isFiltered, type NotificationFilters } from '@/features/notifications/filters'
import { GapsTable } from '@/features/notifications/gaps-table'
import classes from '@/features/notifications/notifications.module.css'
import { ClearFilters } from '@/ui/filter-days'
import { EmptyState, ErrorState } from '@/ui/page'

interface GapsViewProps {
  filters: NotificationFilters
  onChange: (change: Partial<NotificationFilters>) => void
  onClear: () => void
}

/** Times in which something may have been missed. */
export function GapsView({ filters, onChange, onClear }: GapsViewProps) {
  const query = useQuery(gapsQuery(filters))
  const { data: watched } = useQuery(watchedQuery)
  const of = (id: string) => watched?.find((one) => one.id === id)
  return (
    <>
      <search className={classes.filters} aria-label="Filter gaps">
        <SubscriptionFilter id="gaps-filter" watched={watched ?? []} value={filters.subscription} onChange={(subscription) => { onChange({ subscription }) }} />
        <NativeSelect
          id="gaps-filter-state"
          label="State"
          className={classes.some}
          value={filters.state ?? ''}
          data={[{ value: '', label: 'Any' }, { value: 'open', label: 'Being closed' }]}
          onChange={(event) => { onChange({ state: event.currentTarget.value }) }}
        />
        <ClearFilters id="gaps-filter" shown={isFiltered(filters)} onClear={onClear} />
      </search>
      {query.isError ? (
        <ErrorState id="gaps" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.items.length === 0 ? (
        <EmptyState icon="done" title={isFiltered(filters) ? 'No such gap' : 'No gaps'}>
          A gap is a time in which something may have been missed. OneClick reads what changed in it, and says here what closed it.
        </EmptyState>
      ) : (
        <GapsTable page={query.data} refreshing={query.isPlaceholderData} of={of} onOffset={(offset) => { onChange({ offset: offset === 0 ? undefined : offset }) }} />
      )}
    </>
  )
}
