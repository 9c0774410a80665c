import { NativeSelect } from '@mantine/core'
import { ClearFilters, FilterDays } from '@/ui/filter-days'
import { SearchField } from '@/ui/search-field'
import { lookOf } from '@/ui/state-badge'
import { isFiltered, REQUEST_STATES, WAITING_FOR, type RequestFilters } from '../filters'
import classes from './requests.module.css'

interface RequestFiltersBarProps {
  filters: RequestFilters
  apps: readonly { key: string; title: string }[]
  onChange: (change: Partial<RequestFilters>) => void
  onClear: () => void
}

/** The filters of the list. They live in the URL, so that a filtered list can be sent to somebody. */
export function RequestFiltersBar({ filters, apps, onChange, onClear }: RequestFiltersBarProps) {
  return (
    <search className={classes.filters} aria-label="Filter requests">
      <SearchField
        id="requests-filter-text"
        label="Person"
        placeholder="Name or e-mail"
        className={classes.filterText}
        value={filters.q ?? ''}
        onChange={(q) => {
          onChange({ q })
        }}
      />
      <NativeSelect
        id="requests-filter-state"
        label="State"
        value={filters.state ?? ''}
        data={[{ value: '', label: 'Any' }, ...REQUEST_STATES.map((state) => ({ value: state, label: lookOf(state).label }))]}
        onChange={(event) => {
          onChange({ state: event.currentTarget.value })
        }}
      />
      <NativeSelect
        id="requests-filter-app"
        label="App"
        value={filters.app ?? ''}
        data={[{ value: '', label: 'Any' }, ...apps.map((app) => ({ value: app.key, label: app.title }))]}
        onChange={(event) => {
          onChange({ app: event.currentTarget.value })
        }}
      />
      <NativeSelect
        id="requests-filter-waiting"
        label="Waits for"
        value={filters.waiting_for ?? ''}
        data={[{ value: '', label: 'Any' }, ...WAITING_FOR]}
        onChange={(event) => {
          onChange({ waiting_for: event.currentTarget.value })
        }}
      />
      <FilterDays id="requests-filter" from={filters.from} to={filters.to} onChange={onChange} />
      <ClearFilters id="requests-filter" shown={isFiltered(filters)} onClear={onClear} />
    </search>
  )
}
