import { Button, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import type { ApiKeyPage, ApiKeyRead } from '@/api/types'
import { DataTable, type Column } from '@/ui/data-table'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './api-keys.module.css'
import { scopeWords } from './draft'

interface ApiKeysTableProps {
  page: ApiKeyPage | undefined
  refreshing: boolean
  onRevoke: (key: ApiKeyRead) => void
  onOffset: (offset: number) => void
}

/** The keys: what each may do, until when, and when it was last used. */
export function ApiKeysTable({ page, refreshing, onRevoke, onOffset }: ApiKeysTableProps) {
  const columns: Column<ApiKeyRead>[] = [
    { key: 'name', header: 'Key', cell: (key) => <NameCell apiKey={key} /> },
    { key: 'scopes', header: 'May', width: '30%', cell: (key) => <Scopes id={`api-key-${key.id}-scopes`} scopes={key.scopes} /> },
    { key: 'state', header: 'Status', width: '18%', cell: (key) => <StateCell apiKey={key} /> },
    { key: 'used', header: 'Last used', width: '150px', cell: (key) => <UsedCell apiKey={key} /> },
    { key: 'acts', header: 'Actions', width: '112px', end: true, cell: (key) => key.state === 'active' && <Revoke apiKey={key} onRevoke={onRevoke} /> },
  ]
  return (
    <DataTable
      id="api-keys-table"
      label="API keys"
      columns={columns}
      rows={page?.items}
      rowKey={(key) => key.id}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['key', 'keys'] }}
    />
  )
}

function NameCell({ apiKey }: { apiKey: ApiKeyRead }) {
  return (
    <div className={classes.words} id={`api-key-${apiKey.id}`}>
      <Truncate text={apiKey.name} className={classes.name} />
      <span className={`mono ${classes.muted}`} title={`${apiKey.begins_with}…`}>
        {shortened(apiKey.begins_with)}
      </span>
      <span className={classes.muted}>
        {apiKey.created_by.name}, <RelativeTime at={apiKey.created_at} />
      </span>
    </div>
  )
}

/** Keys begin alike; it is the end of the name that tells them apart. */
function shortened(begin: string): string {
  return begin.length > 20 ? `${begin.slice(0, 7)}…${begin.slice(-9)}…` : `${begin}…`
}

const FITS = 4

function Scopes({ id, scopes }: { id: string; scopes: readonly string[] }) {
  const [open, setOpen] = useState(false)
  const more = scopes.length - FITS
  return (
    <ul className={classes.scopes} id={id}>
      {(open || more <= 1 ? scopes : scopes.slice(0, FITS)).map((scope) => (
        <li key={scope} className={`mono ${classes.scope}`} title={scopeWords(scope)}>
          {scope}
        </li>
      ))}
      {more > 1 && (
        <li>
          <UnstyledButton
            id={`${id}-more`}
            className={classes.more}
            aria-expanded={open}
            aria-controls={id}
            onClick={() => {
              setOpen(!open)
            }}
          >
            {open ? 'Show less' : `and ${more} more`}
          </UnstyledButton>
        </li>
      )}
    </ul>
  )
}

function StateCell({ apiKey }: { apiKey: ApiKeyRead }) {
  const { state, expires_at: end, revoked_at: revoked } = apiKey
  return (
    <div className={classes.words}>
      <StateBadge state={state} quiet />
      <span className={classes.muted}>
        {state === 'revoked' && revoked !== null ? (
          <>
            <RelativeTime at={revoked} />
            {apiKey.revoked_by !== null && ` by ${apiKey.revoked_by}`}
          </>
        ) : end === null ? (
          'Without an end'
        ) : (
          <>
            {state === 'active' && 'Ends '}
            <RelativeTime at={end} />
          </>
        )}
      </span>
    </div>
  )
}

function UsedCell({ apiKey }: { apiKey: ApiKeyRead }) {
  return (
    <span id={`api-key-${apiKey.id}-used`} data-used={apiKey.last_used_at !== null}>
      {apiKey.last_used_at === null ? (
        'Not used yet'
      ) : (
        <>
          <span className={classes.narrow}>Used </span>
          <RelativeTime at={apiKey.last_used_at} />
        </>
      )}
    </span>
  )
}

function Revoke({ apiKey, onRevoke }: { apiKey: ApiKeyRead; onRevoke: ApiKeysTableProps['onRevoke'] }) {
  return (
    <Button
      id={`api-key-${apiKey.id}-revoke`}
      variant="default"
      size="xs"
      aria-haspopup="dialog"
      aria-label={`Revoke ${apiKey.name}`}
      onClick={() => {
        onRevoke(apiKey)
      }}
    >
      Revoke
    </Button>
  )
}
