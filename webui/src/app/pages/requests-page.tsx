import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { appsQuery } from '@/features/apps/api'
import { requestsQuery } from '@/features/requests/api'
import { RequestFiltersBar } from '@/features/requests/components/request-filters'
import { RequestTable } from '@/features/requests/components/request-table'
import { isFiltered } from '@/features/requests/filters'
import { can, sessionQuery } from '@/features/session/api'
import { atOffset, withFilter } from '@/lib/filters'
import { Icon } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { EmptyState, ErrorState, Page } from '@/ui/page'

const route = getRouteApi('/signed-in/requests')

export function RequestsPage() {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(requestsQuery(filters))
  const { data: apps } = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  const newHire = can(session, 'requests:write') && (
    <ButtonLink id="requests-new-hire" to="/new-hire" leftSection={<Icon name="plus" size={16} />}>
      New hire
    </ButtonLink>
  )
  const empty = query.data?.items.length === 0 && !isFiltered(filters)
  const clear = () => void navigate({ search: {} })

  return (
    <Page title="Requests" lead="Every wish for accounts: what was asked, by whom, and what became of it." action={empty ? undefined : newHire}>
      <RequestFiltersBar
        filters={filters}
        apps={apps ?? []}
        onChange={(change) => void navigate({ search: (before) => withFilter(before, change), replace: true })}
        onClear={clear}
      />
      {query.isError ? (
        <ErrorState id="requests" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.items.length === 0 ? (
        isFiltered(filters) ? (
          <EmptyState
            icon="search"
            title="No request matches these filters"
            action={
              <Button id="requests-empty-clear" variant="default" onClick={clear}>
                Clear the filters
              </Button>
            }
          >
            Widen the dates, or look for another part of the name or address.
          </EmptyState>
        ) : (
          <EmptyState icon="list" title="No requests yet" action={newHire}>
            A request gives one person their accounts. It shows a plan first, and its progress stays here for good.
          </EmptyState>
        )
      ) : (
        <RequestTable
          page={query.data}
          refreshing={query.isPlaceholderData}
          onOpen={(request) => void navigate({ to: '/requests/$requestId', params: { requestId: request.id } })}
          onOffset={(offset) => void navigate({ search: (before) => atOffset(before, offset) })}
        />
      )}
    </Page>
  )
}
