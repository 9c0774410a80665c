import { Button, NativeSelect, TextInput } from '@mantine/core'
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
          <TextInput
            id="schedule-filter-from"
            label="From"
            type="date"
            value={filters.from ?? ''}
            max={filters.to}
            onChange={(event) => {
              onChange({ from: event.currentTarget.value })
            }}
          />
          <TextInput
            id="schedule-filter-to"
            label="To"
            type="date"
            value={filters.to ?? ''}
            min={filters.from}
            onChange={(event) => {
              onChange({ to: event.currentTarget.value })
            }}
          />
        </>
      )}
      {isFiltered(filters) && (
        <Button id="schedule-filter-clear" variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  )
}
