import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { EntryRead } from '@/api/types'
import { calendarQuery } from '@/features/schedule/api'
import { Calendar } from '@/features/schedule/calendar/calendar'
import { CalendarBar } from '@/features/schedule/calendar/calendar-bar'
import classes from '@/features/schedule/calendar/calendar.module.css'
import { weeksOf, type CalendarView } from '@/features/schedule/calendar/layout'
import { MovedNote } from '@/features/schedule/calendar/moved-note'
import { useMove } from '@/features/schedule/calendar/use-move'
import { tagSlug, type ScheduleFilters } from '@/features/schedule/filters'
import { withFilter } from '@/lib/filters'
import { addDays, instantOf, isDay, wallOf } from '@/lib/zones'
import { Note } from '@/ui/note'
import { ErrorState } from '@/ui/page'

interface ScheduleCalendarProps {
  view: CalendarView
  filters: ScheduleFilters
  zone: string
  mayMove: boolean
}

/** The schedule as a week or a month, on the tenant's clocks. */
export function ScheduleCalendar({ view, filters, zone, mayMove }: ScheduleCalendarProps) {
  const navigate = useNavigate({ from: '/schedule' })
  const day = isDay(filters.day) ? filters.day : wallOf(new Date(), zone).slice(0, 10)
  const weeks = weeksOf(view, day)
  const first = weeks[0]?.[0] ?? day
  const last = weeks.at(-1)?.at(-1) ?? day
  const query = useQuery(calendarQuery(instantOf(`${first}T00:00`, zone).toISOString(), instantOf(`${addDays(last, 1)}T00:00`, zone).toISOString()))
  const { moved, forget, move } = useMove()
  const entries = query.data?.items.filter((entry) => matches(entry, filters))

  return (
    <>
      <CalendarBar
        view={view}
        day={day}
        zone={zone}
        onDay={(next) => void navigate({ search: (before) => withFilter(before, { day: next }), replace: true })}
      />
      {query.isError ? (
        <ErrorState id="calendar" error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          {query.data?.cut && (
            <Note tone="warn" id="calendar-cut" title="There are more than these">
              The first thousand times of these days are shown. Look at a week, or at the list.
            </Note>
          )}
          <Calendar view={view} day={day} zone={zone} entries={entries} refreshing={query.isPlaceholderData} mayMove={mayMove} onMove={move} />
          {mayMove && (
            <p className={classes.hint}>
              Drag what is still to come to another day, or go to it and press Shift with an arrow key. Its time of day stays. To choose another time, open it.
            </p>
          )}
        </>
      )}
      <MovedNote moved={moved} onClose={forget} />
    </>
  )
}

function matches(entry: EntryRead, { status, tag }: ScheduleFilters): boolean {
  const slug = tagSlug(tag ?? '')
  return (status === undefined || status === 'any' || entry.status === status) && (slug === '' || entry.tags.some((one) => tagSlug(one) === slug))
}
