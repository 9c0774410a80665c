import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { AuditEntryRead } from '@/api/types'
import { auditQuery } from '@/features/audit/api'
import { AuditDialog } from '@/features/audit/audit-dialog'
import { AuditFiltersBar } from '@/features/audit/audit-filters'
import { AuditTable } from '@/features/audit/audit-table'
import { atOffset, withFilter } from '@/lib/filters'
import { EmptyState, ErrorState, Page } from '@/ui/page'

const route = getRouteApi('/signed-in/audit')

export function AuditPage() {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(auditQuery(filters))
  const [shown, setShown] = useState<AuditEntryRead | null>(null)
  return (
    <Page title="Audit" lead="Who did what, when, and to what. Entries are only ever added.">
      <AuditFiltersBar
        filters={filters}
        onChange={(change) => void navigate({ search: (before) => withFilter(before, change), replace: true })}
        onClear={() => void navigate({ search: {} })}
      />
      {query.isError ? (
        <ErrorState id="audit" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.items.length === 0 ? (
        <EmptyState icon="book" title="No entries">
          Nothing matches these filters, or nothing has happened yet.
        </EmptyState>
      ) : (
        <AuditTable
          page={query.data}
          refreshing={query.isPlaceholderData}
          onOpen={setShown}
          onOffset={(offset) => void navigate({ search: (before) => atOffset(before, offset) })}
        />
      )}
      {shown && (
        <AuditDialog
          entry={shown}
          onClose={() => {
            setShown(null)
          }}
        />
      )}
    </Page>
  )
}
