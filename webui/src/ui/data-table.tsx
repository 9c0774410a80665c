import { Button, Skeleton, Text } from '@mantine/core'
import { useRef, type KeyboardEvent, type MouseEvent, type ReactNode } from 'react'
import { Icon } from './icons'
import classes from './data-table.module.css'

export interface Column<Row> {
  key: string
  header: string
  cell: (row: Row) => ReactNode
  width?: string
  /** Numbers and times line up at the right. */
  end?: boolean
  /** Left out where there is no room. */
  minor?: boolean
}

interface DataTableProps<Row> {
  id: string
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[] | undefined
  rowKey: (row: Row) => string
  onOpen?: (row: Row) => void
  paging?: { total: number; limit: number; offset: number; onOffset: (offset: number) => void; noun: [string, string] }
  refreshing?: boolean
}

const STEPS: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
}

/**
 * A table whose rows the server sorts, filters and pages. The first cell of a row holds the row's link: arrow keys move
 * between those links, Enter opens. A click anywhere in the row opens it too. Narrow windows show a row as a small card.
 */
export function DataTable<Row>({ id, label, columns, rows, rowKey, onOpen, paging, refreshing = false }: DataTableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null)

  function move(event: KeyboardEvent) {
    const step = STEPS[event.key]
    const links = [...(body.current?.querySelectorAll<HTMLElement>('[data-row-link]') ?? [])]
    const at = links.indexOf(document.activeElement as HTMLElement)
    if (!step || at < 0) return
    event.preventDefault()
    links[step(at, links.length - 1)]?.focus()
  }

  function open(event: MouseEvent, row: Row) {
    const inControl = (event.target as HTMLElement).closest('a, button, input')
    if (!inControl && window.getSelection()?.toString() === '') onOpen?.(row)
  }

  return (
    <div className={classes.frame}>
      <div className={classes.scroll} data-refreshing={refreshing || undefined}>
        <table id={id} className={classes.table} aria-label={label} aria-busy={rows === undefined || refreshing}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.key} scope="col" style={{ width: column.width }} data-end={column.end || undefined}>
                  {column.header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={move}>
            {rows === undefined
              ? Array.from({ length: 6 }, (_, index) => (
                  <tr key={index}>
                    {columns.map((column) => (
                      <td key={column.key}>
                        <Skeleton height={14} width={column.end ? 60 : '70%'} my={6} />
                      </td>
                    ))}
                  </tr>
                ))
              : rows.map((row) => (
                  <tr
                    key={rowKey(row)}
                    data-opens={onOpen ? true : undefined}
                    onClick={(event) => {
                      open(event, row)
                    }}
                  >
                    {columns.map((column) => (
                      <td key={column.key} data-minor={column.minor || undefined} data-end={column.end || undefined}>
                        {column.cell(row)}
                      </td>
                    ))}
                  </tr>
                ))}
          </tbody>
        </table>
      </div>
      {paging && paging.total > 0 && <Paging id={id} {...paging} />}
    </div>
  )
}

function Paging({ id, total, limit, offset, onOffset, noun }: NonNullable<DataTableProps<unknown>['paging']> & { id: string }) {
  const last = Math.min(offset + limit, total)
  return (
    <div className={classes.paging}>
      <Text size="sm" c="dimmed" className="tabular" role="status">
        {total <= limit && offset === 0
          ? `${total.toLocaleString('en')} ${total === 1 ? noun[0] : noun[1]}`
          : `${(offset + 1).toLocaleString('en')}–${last.toLocaleString('en')} of ${total.toLocaleString('en')} ${noun[1]}`}
      </Text>
      {(total > limit || offset > 0) && (
        <div className={classes.pagingButtons}>
          <Button
            id={`${id}-previous`}
            variant="default"
            size="xs"
            leftSection={<Icon name="chevronLeft" size={14} />}
            disabled={offset === 0}
            onClick={() => {
              onOffset(Math.max(0, offset - limit))
            }}
          >
            Previous
          </Button>
          <Button
            id={`${id}-next`}
            variant="default"
            size="xs"
            rightSection={<Icon name="chevronRight" size={14} />}
            disabled={last >= total}
            onClick={() => {
              onOffset(offset + limit)
            }}
          >
            Next
          </Button>
        </div>
      )}
    </div>
  )
}
