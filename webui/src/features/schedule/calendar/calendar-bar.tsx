import { ActionIcon, Button } from '@mantine/core'
import { Icon } from '@/ui/icons'
import classes from './calendar.module.css'
import { titleOf, turned, type CalendarView } from './layout'

interface CalendarBarProps {
  view: CalendarView
  day: string
  zone: string
  onDay: (day: string | undefined) => void
}

/** Which days are shown, and the way to others. */
export function CalendarBar({ view, day, zone, onDay }: CalendarBarProps) {
  const noun = view === 'week' ? 'week' : 'month'
  return (
    <div className={classes.bar}>
      <Button
        id="calendar-today"
        variant="default"
        size="xs"
        onClick={() => {
          onDay(undefined)
        }}
      >
        Today
      </Button>
      <span className={classes.turn}>
        <ActionIcon
          id="calendar-previous"
          aria-label={`Previous ${noun}`}
          onClick={() => {
            onDay(turned(view, day, -1))
          }}
        >
          <Icon name="chevronLeft" size={16} />
        </ActionIcon>
        <ActionIcon
          id="calendar-next"
          aria-label={`Next ${noun}`}
          onClick={() => {
            onDay(turned(view, day, 1))
          }}
        >
          <Icon name="chevronRight" size={16} />
        </ActionIcon>
      </span>
      <h2 className={classes.barTitle} id="calendar-title" aria-live="polite">
        {titleOf(view, day)}
      </h2>
      <span className={classes.barZone}>Times in {zone}</span>
    </div>
  )
}
