import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { ActionRead, RequestRead } from '@/api/types'
import { ResultCard } from '@/features/requests/components/result-card'
import { PasswordDialog } from '@/features/requests/components/password-dialog'
import { RawDialog } from '@/features/requests/components/raw-dialog'
import { useRequestAct, type RequestAct } from '@/features/requests/api'
import { useRequestEvents } from '@/features/requests/hooks/use-request-events'
import { inPlanOrder, isMoving, spoken, titleOf } from '@/features/requests/progress'
import { can, sessionQuery } from '@/features/session/api'
import { Confirm } from '@/ui/confirm'
import { TextLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { notify } from '@/ui/notify'
import { Page } from '@/ui/page'
import { PlannedRequest } from './planned-request'
import { RequestActions } from './request-actions'
import { RequestLead } from './request-lead'
import { PlanBeside } from './plan-beside'
import classes from './request-page.module.css'

type Dialog = { kind: 'raw' | 'password'; action: ActionRead; app: string } | { kind: 'cancel' } | null

/** A request while it runs and after: the truth of the server, kept fresh by its events. */
export function LiveRequest({ request, stale }: { request: RequestRead; stale: boolean }) {
  const following = useRequestEvents(request.id, isMoving(request))
  const act = useRequestAct(request.id)
  const { data: session } = useQuery(sessionQuery)
  const [dialog, setDialog] = useState<Dialog>(null)
  const mayWrite = can(session, 'requests:write')
  const results = inPlanOrder(request)
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
            busy={act.isPending}
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
      {request.state === 'planned' || (request.plan && results.length === 0) ? (
        <PlannedRequest request={request} mayWrite={mayWrite} />
      ) : (
        <div className={classes.results}>
          {results.map((result) => (
            <ResultCard
              key={result.app}
              result={result}
              mayWrite={mayWrite}
              busy={act.isPending}
              handlers={{
                onRetryApp: (app) => {
                  run({ what: 'retry-app', app })
                },
                onRetryAction: (action) => {
                  run({ what: 'retry-action', action: action.id })
                },
                onRaw: (action) => {
                  setDialog({ kind: 'raw', action, app: result.app })
                },
                onPassword: (action) => {
                  setDialog({ kind: 'password', action, app: result.app })
                },
              }}
            />
          ))}
          {request.plan && <PlanBeside plan={request.plan} />}
        </div>
      )}
      {dialog?.kind === 'raw' && <RawDialog requestId={request.id} action={dialog.action} onClose={close} />}
      {dialog?.kind === 'password' && (
        <PasswordDialog requestId={request.id} action={dialog.action} account={request.employee.work_email} onClose={close} />
      )}
      <Confirm
        id="cancel-dialog"
        opened={dialog?.kind === 'cancel'}
        title="Cancel this request?"
        confirmLabel="Cancel the request"
        cancelLabel="Let it run"
        danger
        busy={act.isPending}
        onConfirm={() => {
          run({ what: 'cancel' })
        }}
        onClose={close}
      >
        What has been done stays done, and what is under way is finished. Nothing further is started.
      </Confirm>
    </Page>
  )
}
