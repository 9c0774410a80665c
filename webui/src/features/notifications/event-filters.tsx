import { NativeSelect } from '@mantine/core'
import type { SubscriptionRead } from '@/api/types'
import { ClearFilters, FilterDays } from '@/ui/filter-days'
import { lookOf } from '@/ui/state-badge'
import { CHANGES, EVENT_STATES, isFiltered, type NotificationFilters } from './filters'
import classes from './notifications.module.css'
import { changeWords, resourceWords } from './words'

interface EventFiltersBarProps {
  filters: NotificationFilters
  watched: readonly SubscriptionRead[]
  onChange: (change: Partial<NotificationFilters>) => void
  onClear: () => void
}

/** The filters of what arrived. They live in the URL, so that a filtered list can be sent to somebody. */
export function EventFiltersBar({ filters, watched, onChange, onClear }: EventFiltersBarProps) {
  return (
    <search className={classes.filters} aria-label="Filter what arrived">
      <SubscriptionFilter id="events-filter" watched={watched} value={filters.subscription} onChange={(subscription) => { onChange({ subscription }) }} />
      {filters.view !== 'dead' && (
        <NativeSelect
          id="events-filter-state"
          label="State"
          className={classes.some}
          value={filters.state ?? ''}
          data={[{ value: '', label: 'Any' }, ...EVENT_STATES.map((state) => ({ value: state, label: lookOf(state).label }))]}
          onChange={(event) => {
            onChange({ state: event.currentTarget.value })
          }}
        />
      )}
      <NativeSelect
        id="events-filter-change"
        label="Tells"
        className={classes.some}
        value={filters.change ?? ''}
        data={[{ value: '', label: 'Any' }, ...CHANGES.map((change) => ({ value: change, label: changeWords(change) }))]}
        onChange={(event) => {
          onChange({ change: event.currentTarget.value })
        }}
      />
      <FilterDays id="events-filter" from={filters.from} to={filters.to} onChange={onChange} />
      <ClearFilters id="events-filter" shown={isFiltered(filters)} onClear={onClear} />
    </search>
  )
}

/** Which subscription a list is of. */
export function SubscriptionFilter({ id, watched, value, onChange }: { id: string; watched: readonly SubscriptionRead[]; value: string | undefined; onChange: (subscription: string) => void }) {
  return (
    <NativeSelect
      id={`${id}-subscription`}
      label="Subscription"
      className={classes.wide}
      value={value ?? ''}
      data={[{ value: '', label: 'Any' }, ...watched.map((one) => ({ value: one.id, label: `${resourceWords(one.resource)}${one.state === 'deleted' ? ' (ended)' : ''}` }))]}
      onChange={(event) => {
        onChange(event.currentTarget.value)
      }}
    />
  )
}
