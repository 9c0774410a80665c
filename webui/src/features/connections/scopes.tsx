import { UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import type { ScopeRead } from '@/api/types'
import { count } from '@/lib/format'
import classes from './connections.module.css'

const FITS = 6

/** Permissions at the vendor, each with what it is for. */
export function ScopeList({ id, scopes }: { id: string; scopes: readonly ScopeRead[] }) {
  const [open, setOpen] = useState(false)
  const shown = open ? scopes : scopes.slice(0, FITS)
  return (
    <div>
      <dl className={classes.scopes} id={id}>
        {shown.map((scope) => (
          <div key={scope.name}>
            <dt className="mono">{scope.name}</dt>
            <dd>{scope.why}</dd>
          </div>
        ))}
      </dl>
      <More id={id} n={scopes.length} open={open} onToggle={setOpen} />
    </div>
  )
}

/** Permissions by name alone. */
export function ScopeNames({ id, names }: { id: string; names: readonly string[] }) {
  const [open, setOpen] = useState(false)
  const shown = open ? names : names.slice(0, FITS)
  return (
    <div>
      <ul className={classes.granted} id={id}>
        {shown.map((name) => (
          <li key={name} className="mono">
            {name}
          </li>
        ))}
      </ul>
      <More id={id} n={names.length} open={open} onToggle={setOpen} />
    </div>
  )
}

function More({ id, n, open, onToggle }: { id: string; n: number; open: boolean; onToggle: (open: boolean) => void }) {
  if (n <= FITS) return null
  return (
    <UnstyledButton
      id={`${id}-more`}
      className={classes.more}
      aria-expanded={open}
      aria-controls={id}
      onClick={() => {
        onToggle(!open)
      }}
    >
      {open ? 'Show less' : `Show all ${count(n, 'permission')}`}
    </UnstyledButton>
  )
}
