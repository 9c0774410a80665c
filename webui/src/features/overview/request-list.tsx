import { Link } from '@tanstack/react-router'
import type { RequestSummary } from '@/api/types'
import { slug } from '@/lib/format'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './overview.module.css'

/** A short list of requests under a heading. */
export function RequestList({ title, requests, empty }: { title: string; requests: readonly RequestSummary[]; empty: string }) {
  const id = `list-${slug(title)}`
  return (
    <section aria-labelledby={id} className={classes.panel}>
      <h2 id={id} className={classes.panelTitle}>
        {title}
      </h2>
      {requests.length === 0 ? (
        <p className={classes.empty}>{empty}</p>
      ) : (
        <ul className={classes.rows}>
          {requests.map((request) => (
            <li key={request.id}>
              <Link id={`${id}-${request.id}`} to="/requests/$requestId" params={{ requestId: request.id }} className={classes.row}>
                <span className={classes.who}>
                  <Truncate text={request.employee.full_name} className={classes.name} />
                  <span className={classes.muted}>
                    <Truncate text={request.apps.map((app) => app.title).join(', ')} />
                  </span>
                </span>
                <span className={classes.side}>
                  <StateBadge state={request.state} shown={request.waits_for} />
                  <span className={classes.muted}>
                    <RelativeTime at={request.created_at} />
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
