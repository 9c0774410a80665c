import { UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import { formatValue, humanize } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { Truncate } from '@/ui/truncate'
import classes from './plans.module.css'

type Side = Record<string, unknown> | null | undefined

interface Row {
  name: string
  before: string | null
  after: string | null
}

/**
 * The properties that differ, in the order in which the provider wrote them. What the title says already is not said
 * again, nor what something new does not have.
 */
export function rowsOf(before: Side, after: Side, title = ''): Row[] {
  const names = [...new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})])]
  return names.flatMap((name) => {
    const from = before == null ? null : formatValue(before[name])
    const to = after == null ? null : formatValue(after[name])
    const said = from === null && to !== null && (to === 'none' || title.includes(to))
    return from === to || said ? [] : [{ name, before: from, after: to }]
  })
}

const SHOWN = 4

/** Before → after, property by property; long ones fold. */
export function BeforeAfter({ id, title, before, after }: { id: string; title: string; before: Side; after: Side }) {
  const [open, setOpen] = useState(false)
  const rows = rowsOf(before, after, title)
  if (rows.length === 0) return null
  const shown = open ? rows : rows.slice(0, SHOWN)
  return (
    <>
      <dl className={classes.rows}>
        {shown.map((row) => (
          <div key={row.name} className={classes.row}>
            <dt>{humanize(row.name)}</dt>
            <dd>
              {row.before !== null && <Truncate text={row.before} className={classes.before} />}
              {row.before !== null && row.after !== null && (
                <>
                  <Icon name="arrowRight" size={14} className={classes.arrow} />
                  <span className="visually-hidden">becomes</span>
                </>
              )}
              {row.after !== null && <Truncate text={row.after} className={classes.after} />}
            </dd>
          </div>
        ))}
      </dl>
      {rows.length > SHOWN && (
        <UnstyledButton
          id={`${id}-more`}
          className={classes.more}
          aria-expanded={open}
          onClick={() => {
            setOpen(!open)
          }}
        >
          {open ? 'Show less' : `${rows.length - SHOWN} more`}
        </UnstyledButton>
      )}
    </>
  )
}
