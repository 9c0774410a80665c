import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { EntryRead } from '@/api/types'
import { daysBetween, formatDay, wallOf } from '@/lib/zones'
import { useNow } from '@/lib/use-now'
import { CalendarEntry } from './calendar-entry'
import classes from './calendar.module.css'
import { byDay, dayOfEntry, idOf, titleOf, weeksOf, type CalendarView } from './layout'

/** How many entries of a day are shown: a month's row stays low, a week has room. */
const SHOWN = { month: 4, week: 40 }

interface CalendarProps {
  view: CalendarView
  /** A day of the month or week. */
  day: string
  zone: string
  /** Nothing yet while they are fetched. */
  entries: readonly EntryRead[] | undefined
  refreshing: boolean
  mayMove: boolean
  onMove: (entry: EntryRead, days: number) => void
}

/** A month or a week: what ran and what will, by day. */
export function Calendar({ view, day, zone, entries, refreshing, mayMove, onMove }: CalendarProps) {
  const now = useNow(60_000)
  const [dragged, setDragged] = useState<EntryRead | null>(null)
  const [over, setOver] = useState<string | null>(null)
  const weeks = weeksOf(view, day)
  const days = byDay(entries ?? [], zone)
  const today = wallOf(now, zone).slice(0, 10)

  function drop(onto: string) {
    setOver(null)
    setDragged(null)
    if (dragged !== null) onMove(dragged, daysBetween(dayOfEntry(dragged, zone), onto))
  }

  return (
    <table id="calendar" className={classes.calendar} data-view={view} data-refreshing={refreshing || undefined} aria-busy={entries === undefined}>
      <caption className="visually-hidden">
        {titleOf(view, day)}, times in {zone}
      </caption>
      <thead>
        <tr>
          {weeks[0]?.map((one) => (
            <th key={one} scope="col">
              {formatDay(one, { weekday: 'short' })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((one) => {
              const own = days.get(one) ?? []
              const open = dragged !== null && one >= today
              return (
                <td
                  key={one}
                  id={`calendar-day-${one}`}
                  data-today={one === today || undefined}
                  data-past={one < today || undefined}
                  data-other={(view === 'month' && one.slice(0, 7) !== day.slice(0, 7)) || undefined}
                  data-empty={own.length === 0 || undefined}
                  data-over={(open && over === one) || undefined}
                  onDragOver={(event) => {
                    if (!open) return
                    event.preventDefault()
                    setOver(one)
                  }}
                  onDragLeave={() => {
                    setOver((before) => (before === one ? null : before))
                  }}
                  onDrop={(event) => {
                    event.preventDefault()
                    drop(one)
                  }}
                >
                  <Day day={one} isToday={one === today} />
                  {own.length > 0 && (
                    <ul className={classes.entries}>
                      {own.slice(0, SHOWN[view]).map((entry) => (
                        <li key={idOf(entry)}>
                          <CalendarEntry
                            entry={entry}
                            zone={zone}
                            mayMove={mayMove}
                            onMove={(n) => {
                              onMove(entry, n)
                            }}
                            onDrag={setDragged}
                          />
                        </li>
                      ))}
                    </ul>
                  )}
                  {own.length > SHOWN[view] && <More view={view} day={one} n={own.length - SHOWN[view]} />}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Day({ day, isToday }: { day: string; isToday: boolean }) {
  const long = formatDay(day, { weekday: 'long', day: 'numeric', month: 'long' })
  return (
    <time dateTime={day} className={classes.day}>
      <span aria-hidden="true" className={classes.dayShort}>
        {day.endsWith('-01') ? formatDay(day, { day: 'numeric', month: 'short' }) : Number(day.slice(8))}
      </span>
      <span className={classes.dayLong}>
        {long}
        {isToday && ', today'}
      </span>
    </time>
  )
}

function More({ view, day, n }: { view: CalendarView; day: string; n: number }) {
  const search = view === 'month' ? ({ view: 'week', day } as const) : { status: 'any', from: day, to: day }
  return (
    <Link id={`calendar-more-${day}`} to="/schedule" search={search} className={classes.more}>
      {n.toLocaleString('en')} more
      <span className="visually-hidden"> on {formatDay(day, { day: 'numeric', month: 'long' })}</span>
    </Link>
  )
}
