import { ClearFilters, FilterDays } from '@/ui/filter-days'
import { SearchField } from '@/ui/search-field'
import type { AuditFilters } from './api'
import classes from './audit.module.css'

interface AuditFiltersBarProps {
  filters: AuditFilters
  onChange: (change: Partial<AuditFilters>) => void
  onClear: () => void
}

/** The filters of the audit list; they live in the URL. */
export function AuditFiltersBar({ filters, onChange, onClear }: AuditFiltersBarProps) {
  const some = Object.entries(filters).some(([name, value]) => name !== 'offset' && value !== undefined)
  return (
    <search className={classes.filters} aria-label="Filter audit entries">
      <SearchField id="audit-filter-action" label="What" placeholder="request.applied" value={filters.action ?? ''} onChange={(action) => { onChange({ action }) }} />
      <SearchField id="audit-filter-actor" label="Who" placeholder="Name" value={filters.actor ?? ''} onChange={(actor) => { onChange({ actor }) }} />
      <FilterDays id="audit-filter" from={filters.from} to={filters.to} onChange={onChange} />
      <ClearFilters id="audit-filter" shown={some} onClear={onClear} />
    </search>
  )
}
