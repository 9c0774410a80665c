import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ConnectionDetail } from '@/api/types'
import { count } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { DataTable, type Column } from '@/ui/data-table'
import { Icon } from '@/ui/icons'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './connections.module.css'
import { glyphOf, labelOf } from './words'

interface ConnectionsTableProps {
  connections: readonly ConnectionDetail[] | undefined
  vendorOf: (vendor: string) => string
  onOpen: (connection: ConnectionDetail) => void
  /** What may be done with a connection; without it the table is only read. */
  acts?: (connection: ConnectionDetail) => ReactNode
}

/** The vendor accounts: which, whether they work, since when and through whom. */
export function ConnectionsTable({ connections, vendorOf, onOpen, acts }: ConnectionsTableProps) {
  const columns: Column<ConnectionDetail>[] = [
    { key: 'account', header: 'Account', cell: (one) => <AccountCell connection={one} vendor={vendorOf(one.vendor)} /> },
    { key: 'state', header: 'Status', width: '26%', cell: (one) => <StateCell connection={one} /> },
    { key: 'connected', header: 'Connected', width: '20%', minor: true, cell: (one) => <ConnectedCell connection={one} /> },
    { key: 'refreshed', header: 'Last refresh', width: '146px', minor: true, cell: (one) => <span className="nowrap">{one.last_refresh_at === null ? '–' : <RelativeTime at={one.last_refresh_at} />}</span> },
    ...(acts ? [{ key: 'acts', header: 'Actions', width: '92px', end: true, cell: acts }] : []),
  ]
  return <DataTable id="connections-table" label="Connected accounts" columns={columns} rows={connections} rowKey={(one) => one.id} onOpen={onOpen} />
}

function AccountCell({ connection, vendor }: { connection: ConnectionDetail; vendor: string }) {
  return (
    <div className={classes.account}>
      <AppGlyph app={glyphOf(connection.vendor)} size={32} />
      <div className={classes.words}>
        <Link id={`connection-${connection.id}`} to="/admin/connections/$connectionId" params={{ connectionId: connection.id }} className={classes.link} data-row-link>
          <Truncate text={connection.title} />
        </Link>
        <Truncate text={[vendor, connection.account].filter((word) => word !== null && word !== connection.title).join(' · ')} className={classes.muted} />
      </div>
    </div>
  )
}

function StateCell({ connection }: { connection: ConnectionDetail }) {
  const missing = connection.scopes_missing.length
  return (
    <div className={`${classes.words} ${classes.state}`} id={`connection-${connection.id}-state`}>
      <StateBadge state={connection.state} label={labelOf(connection)} quiet />
      {connection.reason !== null && (
        <span className={classes.reason} title={connection.reason}>
          {connection.reason}
        </span>
      )}
      {missing > 0 && (
        <span className={classes.missing}>
          <Icon name="warning" size={14} /> {count(missing, 'permission')} missing
        </span>
      )}
    </div>
  )
}

function ConnectedCell({ connection }: { connection: ConnectionDetail }) {
  return (
    <div className={classes.words}>
      <RelativeTime at={connection.connected_at} />
      <Truncate text={connection.connected_by?.address ?? 'By the environment'} className={classes.muted} />
    </div>
  )
}
