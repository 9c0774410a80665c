import { Link } from '@tanstack/react-router'
import type { RequestPage, RequestSummary } from '@/api/types'
import { humanize } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './requests.module.css'

export function PersonCell({ request }: { request: RequestSummary }) {
  return (
    <div className={classes.person}>
      <Link
        id={`request-${request.id}`}
        to="/requests/$requestId"
        params={{ requestId: request.id }}
        className={classes.personLink}
        data-row-link
      >
        <Truncate text={request.employee.full_name} />
      </Link>
      <Truncate text={request.employee.work_email} className={classes.muted} />
    </div>
  )
}

/** How many marks fit the column. */
const SHOWN = 4

function AppsCell({ request }: { request: RequestSummary }) {
  return (
    <span className={classes.glyphs} role="img" aria-label={request.apps.map((app) => app.title).join(', ') || 'No apps'}>
      {request.apps.slice(0, SHOWN).map((app) => (
        <AppGlyph key={app.app} app={app.app} size={22} />
      ))}
      {request.apps.length > SHOWN && <span className={classes.muted}>+{request.apps.length - SHOWN}</span>}
    </span>
  )
}

const columns: Column<RequestSummary>[] = [
  { key: 'person', header: 'Person', cell: (request) => <PersonCell request={request} /> },
  { key: 'kind', header: 'Request', width: '110px', minor: true, cell: (request) => humanize(request.kind) },
  { key: 'apps', header: 'Apps', width: '165px', cell: (request) => <AppsCell request={request} /> },
  { key: 'state', header: 'State', width: '205px', cell: (request) => <StateBadge state={request.state} shown={request.waits_for} /> },
  { key: 'by', header: 'By', width: '120px', minor: true, cell: (request) => <Truncate text={request.created_by.name} /> },
  { key: 'at', header: 'Made', width: '150px', end: true, cell: (request) => <RelativeTime at={request.created_at} /> },
]

const ownColumns: Column<RequestSummary>[] = [
  {
    key: 'kind',
    header: 'Request',
    cell: (request) => (
      <Link id={`request-${request.id}`} to="/requests/$requestId" params={{ requestId: request.id }} className={classes.personLink} data-row-link>
        {humanize(request.kind)}
        <span className="visually-hidden"> in {request.apps.map((app) => app.title).join(', ')}</span>
      </Link>
    ),
  },
  ...columns.filter((column) => column.key !== 'person' && column.key !== 'kind'),
]

interface RequestTableProps {
  /** Leaves out whose they are: on that person's own page. */
  ofOnePerson?: boolean
  page: RequestPage | undefined
  refreshing: boolean
  onOpen: (request: RequestSummary) => void
  onOffset: (offset: number) => void
}

/** The list of requests. */
export function RequestTable({ ofOnePerson = false, page, refreshing, onOpen, onOffset }: RequestTableProps) {
  return (
    <DataTable
      id="requests-table"
      label="Requests"
      columns={ofOnePerson ? ownColumns : columns}
      rows={page?.items}
      rowKey={(request) => request.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['request', 'requests'] }}
    />
  )
}
