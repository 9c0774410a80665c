import { Link } from '@tanstack/react-router'
import type { EmployeePage, EmployeeSummary } from '@/api/types'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import classes from './people.module.css'

const columns: Column<EmployeeSummary>[] = [
  {
    key: 'name',
    header: 'Name',
    cell: (person) => (
      <div className={classes.person}>
        <Link id={`person-${person.id}`} to="/people/$personId" params={{ personId: person.id }} className={classes.link} data-row-link>
          <Truncate text={person.full_name} />
        </Link>
        <Truncate text={person.work_email} className={classes.muted} />
      </div>
    ),
  },
  { key: 'title', header: 'Job title', width: '24%', cell: (person) => <Truncate text={person.job_title ?? '–'} /> },
  { key: 'department', header: 'Department', width: '20%', cell: (person) => <Truncate text={person.department ?? '–'} /> },
  { key: 'status', header: 'Status', width: '160px', cell: (person) => <StateBadge state={person.status} /> },
]

interface PeopleTableProps {
  page: EmployeePage | undefined
  refreshing: boolean
  onOpen: (person: EmployeeSummary) => void
  onOffset: (offset: number) => void
}

/** The list of people. */
export function PeopleTable({ page, refreshing, onOpen, onOffset }: PeopleTableProps) {
  return (
    <DataTable
      id="people-table"
      label="People"
      columns={columns}
      rows={page?.items}
      rowKey={(person) => person.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['person', 'people'] }}
    />
  )
}
