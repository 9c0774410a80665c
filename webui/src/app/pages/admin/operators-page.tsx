import { Button, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { OperatorRead } from '@/api/types'
import { groupRolesQuery, operatorsQuery } from '@/features/operators/api'
import { GroupRoles } from '@/features/operators/group-roles'
import { LeavingDialog } from '@/features/operators/leaving-dialog'
import { AddOperatorDialog, ChangeRoleDialog } from '@/features/operators/operator-dialog'
import { OperatorsTable } from '@/features/operators/operators-table'
import layout from '@/features/operators/operators.module.css'
import { can, sessionQuery } from '@/features/session/api'
import { Icon } from '@/ui/icons'
import { EmptyState, ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { SearchField } from '@/ui/search-field'
import { OperatorMenu, type OperatorWish } from './operator-menu'

const route = getRouteApi('/signed-in/admin/operators')

/** Who may sign in to this tenant, and as what. */
export function OperatorsPage() {
  const filters = route.useSearch()
  const navigate = route.useNavigate()
  const { data: session } = useQuery(sessionQuery)
  const mayWrite = can(session, 'operators:write')
  const query = useQuery(operatorsQuery(filters))
  const [adding, setAdding] = useState(false)
  const [asked, setAsked] = useState<{ operator: OperatorRead; what: OperatorWish } | null>(null)
  const close = () => {
    setAsked(null)
  }
  return (
    <Page
      title="Operators"
      lead="Who may sign in to this tenant, and what they may do. A change counts at once, for open pages too."
      action={
        mayWrite && (
          <Button id="operators-add" aria-haspopup="dialog" leftSection={<Icon name="plus" size={16} />} onClick={() => { setAdding(true) }}>
            Add an operator
          </Button>
        )
      }
    >
      <search aria-label="Filter operators" className={layout.filter}>
        <SearchField
          id="operators-filter-text"
          label="Operator"
          placeholder="Name or address"
          value={filters.q ?? ''}
          onChange={(q) => void navigate({ search: q === '' ? {} : { q }, replace: true })}
        />
      </search>
      {query.isError ? (
        <ErrorState id="operators" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.items.length === 0 ? (
        <EmptyState icon="search" title="Nobody matches">
          Look for another part of the name or address.
        </EmptyState>
      ) : (
        <OperatorsTable
          page={query.data}
          refreshing={query.isPlaceholderData}
          onOffset={(offset) => void navigate({ search: (before) => ({ ...before, offset: offset === 0 ? undefined : offset }) })}
          acts={mayWrite ? (operator) => <OperatorMenu operator={operator} onAsk={(what) => { setAsked({ operator, what }) }} /> : undefined}
        />
      )}
      {mayWrite && <Groups />}
      {adding && <AddOperatorDialog onClose={() => { setAdding(false) }} />}
      {asked?.what === 'role' && <ChangeRoleDialog operator={asked.operator} onClose={close} />}
      {(asked?.what === 'disable' || asked?.what === 'remove') && <LeavingDialog operator={asked.operator} what={asked.what} onClose={close} />}
    </Page>
  )
}

function Groups() {
  const query = useQuery(groupRolesQuery)
  return (
    <section aria-labelledby="group-roles-title">
      <Title order={2} id="group-roles-title">
        Roles by group
      </Title>
      <p className="section-lead">Whoever the identity provider puts into one of these groups is an operator with its role, from their next sign-in on.</p>
      {query.isError ? (
        <ErrorState id="group-roles" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <LoadingBlocks blocks={1} height={120} />
      ) : (
        <GroupRoles stored={query.data} />
      )}
    </section>
  )
}
