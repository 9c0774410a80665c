import type { ReactNode } from 'react'
import type { OperatorPage, OperatorRead } from '@/api/types'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './operators.module.css'
import { roleLabel, saidElsewhere } from './roles'

interface OperatorsTableProps {
  page: OperatorPage | undefined
  refreshing: boolean
  onOffset: (offset: number) => void
  /** What may be done with an operator; without it the table is only read. */
  acts?: (operator: OperatorRead) => ReactNode
}

/** Who may sign in, as what, and whether they ever did. */
export function OperatorsTable({ page, refreshing, onOffset, acts }: OperatorsTableProps) {
  const columns: Column<OperatorRead>[] = [
    { key: 'name', header: 'Operator', cell: (one) => <NameCell operator={one} /> },
    { key: 'role', header: 'Role', width: '22%', cell: (one) => <RoleCell operator={one} /> },
    { key: 'state', header: 'Status', width: '178px', cell: (one) => <StateBadge state={one.state} quiet /> },
    { key: 'seen', header: 'Last sign-in', width: '150px', minor: true, cell: (one) => (one.last_sign_in_at === null ? 'Never' : <RelativeTime at={one.last_sign_in_at} />) },
    ...(acts ? [{ key: 'acts', header: 'Actions', width: '92px', end: true, cell: (one: OperatorRead) => !one.is_me && acts(one) }] : []),
  ]
  return (
    <DataTable
      id="operators-table"
      label="Operators"
      columns={columns}
      rows={page?.items}
      rowKey={(one) => one.id}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['operator', 'operators'] }}
    />
  )
}

function NameCell({ operator }: { operator: OperatorRead }) {
  return (
    <div className={classes.words} id={`operator-${operator.id}`} data-email={operator.email}>
      <span className={classes.name}>
        <Truncate text={operator.name} />
        {operator.is_me && <span className={classes.you}>You</span>}
      </span>
      {operator.name !== operator.email && <Truncate text={operator.email} className={classes.muted} />}
    </div>
  )
}

function RoleCell({ operator }: { operator: OperatorRead }) {
  const elsewhere = saidElsewhere(operator)
  return (
    <div className={classes.words} id={`operator-${operator.id}-role`} data-role={operator.role}>
      <span>{roleLabel(operator.role)}</span>
      {elsewhere !== null && <span className={classes.muted}>{elsewhere}</span>}
    </div>
  )
}
