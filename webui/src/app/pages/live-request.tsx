import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { RequestRead } from '@/api/types'
import { isAct, type Acting } from '@/features/requests/acting'
import { useRequestAct, type RequestAct } from '@/features/requests/api'
import { useRequestEvents } from '@/features/requests/hooks/use-request-events'
import { isMoving, spoken, titleOf } from '@/features/requests/progress'
import { can, sessionQuery } from '@/features/session/api'
import { TextLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { notify } from '@/ui/notify'
import { Page } from '@/ui/page'
import { LiveDialogs, type LiveDialog } from './live-dialogs'
import { LiveResults } from './live-results'
import { PlanBeside } from './plan-beside'
import { PlannedRequest } from './planned-request'
import { RequestActions } from './request-actions'
import { RequestLead } from './request-lead'

/** A request while it runs and after: the truth of the server, kept fresh by its events. */
export function LiveRequest({ request, stale }: { request: RequestRead; stale: boolean }) {
  const following = useRequestEvents(request.id, isMoving(request))
  const act = useRequestAct(request.id)
  const { data: session } = useQuery(sessionQuery)
  const [dialog, setDialog] = useState<LiveDialog | null>(null)
  const mayWrite = can(session, 'requests:write')
  const close = () => {
    setDialog(null)
  }

  function run(what: RequestAct) {
    act.mutate(what, {
      onSuccess: close,
      onError: (error) => {
        close()
        notify('bad', 'That was refused', messageOf(error))
      },
    })
  }

  const acting: Acting = {
    mayWrite,
    me: session?.operator?.id ?? null,
    run,
    isBusy: (what, subject) => act.isPending && isAct(act.variables, what, subject),
    open: (kind, action) => {
      setDialog({ kind, action })
    },
  }

  return (
    <Page
      title={request.employee.full_name}
      documentTitle={titleOf(request)}
      above={
        <TextLink id="request-back" to="/requests" size="sm">
          Requests
        </TextLink>
      }
      lead={<RequestLead request={request} following={following} />}
      action={
        mayWrite && (
          <RequestActions
            request={request}
            busy={act.isPending && act.variables.what === 'retry'}
            onRetry={() => {
              run({ what: 'retry' })
            }}
            onCancel={() => {
              setDialog({ kind: 'cancel' })
            }}
          />
        )
      }
    >
      <p className="visually-hidden" role="status" id="request-announcement">
        {spoken(request)}
      </p>
      {stale && (
        <Note tone="warn" role="status">
          OneClick does not answer just now. What you see is the last known state; it refreshes by itself.
        </Note>
      )}
      {request.cancel_requested && request.state === 'running' && (
        <Note tone="info" role="status">
          Cancelling. Actions that have begun are finished first; the rest will not start.
        </Note>
      )}
      {request.state === 'planned' || (request.plan && request.results.length === 0) ? (
        <PlannedRequest request={request} mayWrite={mayWrite} />
      ) : (
        <>
          <LiveResults request={request} acting={acting} />
          {request.plan && <PlanBeside plan={request.plan} />}
        </>
      )}
      <LiveDialogs request={request} dialog={dialog} busy={act.isPending} run={run} onClose={close} />
    </Page>
  )
}
