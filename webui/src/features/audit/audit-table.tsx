import { UnstyledButton } from '@mantine/core'
import type { AuditEntryRead, AuditPage } from '@/api/types'
import { humanize } from '@/lib/format'
import { DataTable, type Column } from '@/ui/data-table'
import { Icon } from '@/ui/icons'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './audit.module.css'

interface AuditTableProps {
  page: AuditPage | undefined
  refreshing: boolean
  onOpen: (entry: AuditEntryRead) => void
  onOffset: (offset: number) => void
}

const GOOD = new Set(['ok', 'success', 'done', 'allowed'])

/** The outcome as icon and word. */
export function Outcome({ outcome }: { outcome: string }) {
  const good = GOOD.has(outcome)
  return (
    <span className={classes.outcome} data-good={good || undefined}>
      <Icon name={good ? 'check' : 'alert'} size={14} />
      {good ? 'Done' : humanize(outcome)}
    </span>
  )
}

/** Who did what, when, to what. */
export function AuditTable({ page, refreshing, onOpen, onOffset }: AuditTableProps) {
  const columns: Column<AuditEntryRead>[] = [
    {
      key: 'action',
      header: 'What',
      cell: (entry) => (
        <UnstyledButton
          id={`audit-${entry.id}`}
          className={classes.open}
          data-row-link
          aria-haspopup="dialog"
          onClick={() => {
            onOpen(entry)
          }}
        >
          <Truncate text={humanize(entry.action)} />
        </UnstyledButton>
      ),
    },
    { key: 'target', header: 'To what', width: '28%', cell: (entry) => <Truncate text={entry.target?.label ?? '–'} /> },
    { key: 'actor', header: 'Who', width: '20%', cell: (entry) => <Truncate text={entry.actor.name} /> },
    { key: 'outcome', header: 'Outcome', width: '110px', cell: (entry) => <Outcome outcome={entry.outcome} /> },
    { key: 'at', header: 'When', width: '160px', end: true, cell: (entry) => <RelativeTime at={entry.at} /> },
  ]
  return (
    <DataTable
      id="audit-table"
      label="Audit entries"
      columns={columns}
      rows={page?.items}
      rowKey={(entry) => entry.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['entry', 'entries'] }}
    />
  )
}
