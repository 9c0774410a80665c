import type { RequestRead } from '@/api/types'
import type { Following } from '@/lib/use-events'
import { humanize } from '@/lib/format'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import classes from './request-page.module.css'
import { UsedTemplate } from './used-template'

/** The line below a request's heading: state, whose, by whom, when, and whether the page is live. */
export function RequestLead({ request, following }: { request: RequestRead; following: Following }) {
  const { actions, done } = request.counts
  return (
    <div className={classes.lead}>
      <span id="request-state">
        <StateBadge state={request.state} shown={request.waits_for} />
      </span>
      {request.state !== 'planned' && actions > 0 && (
        <span className="tabular">
          {done} of {actions} done
        </span>
      )}
      <span className={classes.mail}>{request.employee.work_email}</span>
      <span>
        {humanize(request.kind)}, by {request.created_by.name} <RelativeTime at={request.created_at} />
      </span>
      <UsedTemplate request={request} />
      {following === 'live' && (
        <span className={classes.live} id="request-following" data-following="live">
          <span className={classes.pulse} aria-hidden="true" />
          Live
        </span>
      )}
      {following === 'polling' && (
        <span id="request-following" data-following="polling">
          Reconnecting, refreshed every few seconds
        </span>
      )}
    </div>
  )
}
