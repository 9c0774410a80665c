import type { UpcomingRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import { ZonedTime } from '@/ui/zoned-time'
import classes from './schedule.module.css'

/** Times to come, each with what daylight saving does to it. */
export function Coming({ id, items, zone }: { id: string; items: readonly UpcomingRead[]; zone: string }) {
  return (
    <ol id={id} className={classes.coming}>
      {items.map(({ at, local, note }) => (
        <li key={at}>
          <ZonedTime at={at} local={local} zone={zone} bare={items.length > 1} />
          {note !== null && (
            <span className={classes.shift} data-shift={note.code}>
              <Icon name="warning" size={14} /> {note.message}
            </span>
          )}
        </li>
      ))}
    </ol>
  )
}
