import { Modal, Stack } from '@mantine/core'
import type { AuditEntryRead } from '@/api/types'
import { formatValue, humanize } from '@/lib/format'
import { formatExact } from '@/lib/time'
import { Outcome } from './audit-table'
import classes from './audit.module.css'

/** One entry, whole. */
export function AuditDialog({ entry, onClose }: { entry: AuditEntryRead; onClose: () => void }) {
  const facts: [string, string][] = [
    ['When', formatExact(new Date(entry.at))],
    ['Who', entry.actor.name],
    ['To what', entry.target?.label ?? '–'],
    ['Action', entry.action],
    ['Correlation id', entry.correlation_id ?? '–'],
  ]
  return (
    <Modal id="audit-dialog" opened onClose={onClose} size="lg" title={humanize(entry.action)} closeButtonProps={{ 'aria-label': 'Close', id: 'audit-dialog-close' }}>
      <Stack gap="md">
        <Outcome outcome={entry.outcome} />
        <dl className={classes.facts}>
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Changes before={entry.before} after={entry.after} />
      </Stack>
    </Modal>
  )
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function Changes({ before, after }: { before: unknown; after: unknown }) {
  const from = asRecord(before)
  const to = asRecord(after)
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].filter((name) => formatValue(from[name]) !== formatValue(to[name]))
  if (names.length === 0) return null
  return (
    <table className={classes.changes}>
      <thead>
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name}>
            <th scope="row">{humanize(name)}</th>
            <td>{formatValue(from[name])}</td>
            <td>{formatValue(to[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
