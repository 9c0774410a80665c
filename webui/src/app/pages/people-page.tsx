import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { peopleQuery } from '@/features/people/api'
import { PeopleTable } from '@/features/people/people-table'
import layout from '@/features/people/people.module.css'
import { can, sessionQuery } from '@/features/session/api'
import { Icon } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { EmptyState, ErrorState, Page } from '@/ui/page'
import { SearchField } from '@/ui/search-field'
import { lookOf } from '@/ui/state-badge'

const route = getRouteApi('/signed-in/people')
const STATUSES = ['prospective', 'active', 'left'] as const

export function PeoplePage() {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(peopleQuery(filters))
  const { data: session } = useQuery(sessionQuery)
  const change = (next: { q?: string; status?: string }) =>
    void navigate({
      search: (before) => ({ q: before.q, status: before.status, ...next, offset: undefined }),
      replace: true,
    })
  const filtered = filters.q !== undefined || filters.status !== undefined
  const newHire = can(session, 'requests:write') && (
    <ButtonLink id="people-new-hire" to="/new-hire" leftSection={<Icon name="plus" size={16} />}>
      New hire
    </ButtonLink>
  )

  return (
    <Page title="People" lead="Everybody OneClick knows, with the accounts they hold." action={query.data?.items.length === 0 && !filtered ? undefined : newHire}>
      <search className={layout.filters} aria-label="Filter people">
        <SearchField
          id="people-filter-text"
          label="Person"
          placeholder="Name or e-mail"
          value={filters.q ?? ''}
          onChange={(q) => {
            change({ q: q === '' ? undefined : q })
          }}
        />
        <NativeSelect
          id="people-filter-status"
          label="Status"
          value={filters.status ?? ''}
          data={[{ value: '', label: 'Any' }, ...STATUSES.map((status) => ({ value: status, label: lookOf(status).label }))]}
          onChange={(event) => {
            change({ status: event.currentTarget.value === '' ? undefined : event.currentTarget.value })
          }}
        />
      </search>
      {query.isError ? (
        <ErrorState id="people" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.items.length === 0 ? (
        <EmptyState icon={filtered ? 'search' : 'people'} title={filtered ? 'Nobody matches' : 'Nobody here yet'} action={filtered ? undefined : newHire}>
          {filtered ? 'Look for another part of the name or address.' : 'People appear here with their first request.'}
        </EmptyState>
      ) : (
        <PeopleTable
          page={query.data}
          refreshing={query.isPlaceholderData}
          onOpen={(person) => void navigate({ to: '/people/$personId', params: { personId: person.id } })}
          onOffset={(offset) => void navigate({ search: (before) => ({ ...before, offset: offset === 0 ? undefined : offset }) })}
        />
      )}
    </Page>
  )
}
