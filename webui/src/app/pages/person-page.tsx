import { Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { AccountCard } from '@/features/people/account-card'
import { personQuery } from '@/features/people/api'
import layout from '@/features/people/people.module.css'
import { PersonFacts } from '@/features/people/person-facts'
import { RequestTable } from '@/features/requests/components/request-table'
import { can, sessionQuery } from '@/features/session/api'
import { Icon } from '@/ui/icons'
import { ButtonLink, TextLink } from '@/ui/link'
import { EmptyState, ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { StateBadge } from '@/ui/state-badge'

const route = getRouteApi('/signed-in/people/$personId')

export function PersonPage() {
  const { personId } = route.useParams()
  const navigate = route.useNavigate()
  const query = useQuery(personQuery(personId))
  const { data: session } = useQuery(sessionQuery)
  const back = (
    <TextLink id="person-back" to="/people" size="sm">
      People
    </TextLink>
  )
  if (query.isPending || query.isError) {
    return (
      <Page title="Person" above={back}>
        {query.isPending ? <LoadingBlocks /> : <ErrorState id="person" error={query.error} onRetry={() => void query.refetch()} />}
      </Page>
    )
  }
  const person = query.data
  return (
    <Page
      key={person.id}
      title={person.full_name}
      above={back}
      lead={
        <>
          <span className={layout.mail}>{person.work_email}</span> <StateBadge state={person.status} />
        </>
      }
      action={
        can(session, 'requests:write') && (
          <ButtonLink
            id="person-run-again"
            to="/new-hire"
            search={{ person: person.id }}
            variant="default"
            leftSection={<Icon name="retry" size={16} />}
          >
            Change apps
          </ButtonLink>
        )
      }
    >
      <PersonFacts person={person} />
      <section aria-labelledby="person-accounts">
        <Title order={2} id="person-accounts" mb="sm">
          Accounts
        </Title>
        {person.accounts.length === 0 ? (
          <EmptyState icon="key" title="No accounts yet">
            An account appears here as soon as a request has made or linked it.
          </EmptyState>
        ) : (
          <div className={layout.cards}>
            {person.accounts.map((account) => (
              <AccountCard key={account.app} account={account} />
            ))}
          </div>
        )}
      </section>
      <section aria-labelledby="person-history">
        <Title order={2} id="person-history" mb="sm">
          History
        </Title>
        {person.requests.length === 0 ? (
          <EmptyState icon="list" title="No requests yet">
            Every request for this person is kept here.
          </EmptyState>
        ) : (
          <RequestTable
            ofOnePerson
            page={{ items: person.requests, total: person.requests.length, limit: person.requests.length, offset: 0 }}
            refreshing={false}
            onOpen={(request) => void navigate({ to: '/requests/$requestId', params: { requestId: request.id } })}
            onOffset={() => undefined}
          />
        )}
      </section>
    </Page>
  )
}
