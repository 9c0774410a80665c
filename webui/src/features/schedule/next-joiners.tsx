import { Link } from '@tanstack/react-router'
import type { ScheduleRead } from '@/api/types'
import { TextLink } from '@/ui/link'
import { Truncate } from '@/ui/truncate'
import { ZonedTime } from '@/ui/zoned-time'
import { RelativeTime } from '@/ui/time'
import classes from './schedule.module.css'

/** Who comes next: a short list for the overview. */
export function NextJoiners({ schedules, total }: { schedules: readonly ScheduleRead[]; total: number }) {
  return (
    <section aria-labelledby="next-joiners-title" className={classes.panel} id="next-joiners">
      <div className={classes.panelHead}>
        <h2 id="next-joiners-title" className={classes.panelTitle}>
          Next scheduled joiners
        </h2>
        <TextLink id="next-joiners-all" to="/schedule" size="sm">
          {total > schedules.length ? `All ${total.toLocaleString('en')}` : 'Schedule'}
        </TextLink>
      </div>
      {schedules.length === 0 ? (
        <p className={classes.empty}>Nobody is scheduled. The last step of a new hire offers a date.</p>
      ) : (
        <ul className={classes.rows}>
          {schedules.map((schedule) => (
            <li key={schedule.id}>
              <Link id={`next-joiner-${schedule.id}`} to="/schedule/$scheduleId" params={{ scheduleId: schedule.id }} className={classes.row}>
                <span className={classes.who}>
                  <Truncate text={schedule.employee.full_name} className={classes.name} />
                  <span className={classes.muted}>
                    <Truncate text={schedule.apps.map((app) => app.title).join(', ') || schedule.tags.join(', ') || schedule.employee.work_email} />
                  </span>
                </span>
                <span className={classes.side}>
                  <ZonedTime at={schedule.at} local={schedule.local} zone={schedule.time_zone} bare />
                  <span className={classes.muted}>
                    <RelativeTime at={schedule.at} />
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
