import type { OverviewRead } from '@/api/types'
import { ButtonLink } from '@/ui/link'
import { Note } from '@/ui/note'

type Alert = OverviewRead['alerts'][number]

const WHAT: Record<string, string> = {
  needs_reauth: 'must be reconnected',
  error: 'does not work',
  expiring: 'ends soon',
}

/** Connected accounts that somebody should look at: what is wrong, what to do, and where. Nothing where all is well. */
export function Alerts({ alerts, mayLook }: { alerts: readonly Alert[]; mayLook: boolean }) {
  return alerts.map(({ connection_id: id, title, state, reason, remedy }) => (
    <Note
      key={id}
      id={`alert-${id}`}
      tone={state === 'expiring' ? 'warn' : 'bad'}
      role="status"
      title={`${title} ${WHAT[state] ?? 'needs attention'}`}
      actions={
        mayLook && (
          <ButtonLink id={`alert-${id}-open`} to="/admin/connections/$connectionId" params={{ connectionId: id }} variant="default">
            Open the connection
          </ButtonLink>
        )
      }
    >
      {reason} {remedy}
    </Note>
  ))
}
