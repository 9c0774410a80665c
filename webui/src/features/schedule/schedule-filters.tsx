import { NativeSelect } from '@mantine/core'
import { ClearFilters, FilterDays } from '@/ui/filter-days'
import { SearchField } from '@/ui/search-field'
import { lookOf } from '@/ui/state-badge'
import { COMING, isFiltered, SCHEDULE_STATES, type ScheduleFilters } from './filters'
import classes from './schedule.module.css'

interface ScheduleFiltersBarProps {
  filters: ScheduleFilters
  /** The calendar has its own days. */
  days: boolean
  onChange: (change: Partial<ScheduleFilters>) => void
  onClear: () => void
}

const WORDS: Record<string, string> = { pending: 'Still to come' }

/** The filters. They live in the URL, so that what is shown can be sent to somebody. */
export function ScheduleFiltersBar({ filters, days, onChange, onClear }: ScheduleFiltersBarProps) {
  return (
    <search className={classes.filters} aria-label="Filter the schedule">
      <NativeSelect
        id="schedule-filter-status"
        label="State"
        value={filters.status ?? (days ? COMING : 'any')}
        data={[{ value: 'any', label: 'Any' }, ...SCHEDULE_STATES.map((state) => ({ value: state, label: WORDS[state] ?? lookOf(state).label }))]}
        onChange={(event) => {
          const status = event.currentTarget.value
          onChange({ status: status === (days ? COMING : 'any') ? undefined : status })
        }}
      />
      <SearchField
        id="schedule-filter-tag"
        label="Tag"
        placeholder="to be created"
        className={classes.filterTag}
        value={filters.tag ?? ''}
        onChange={(tag) => {
          onChange({ tag })
        }}
      />
      {days && (
        <>
          <FilterDays id="schedule-filter" from={filters.from} to={filters.to} onChange={onChange} />
        </>
      )}
      <ClearFilters id="schedule-filter" shown={isFiltered(filters)} onClear={onClear} />
    </search>
  )
}
