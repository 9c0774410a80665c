import type { ActionRead, RequestRead } from '@/api/types'
import type { ActionDialog } from '@/features/requests/acting'
import type { RequestAct } from '@/features/requests/api'
import { HandOverDialog } from '@/features/requests/components/hand-over-dialog'
import { PasswordDialog } from '@/features/requests/components/password-dialog'
import { RawDialog } from '@/features/requests/components/raw-dialog'
import { Confirm } from '@/ui/confirm'
import { RelativeTime } from '@/ui/time'

export type LiveDialog = { kind: ActionDialog; action: ActionRead } | { kind: 'cancel' }

interface LiveDialogsProps {
  request: RequestRead
  dialog: LiveDialog | null
  busy: boolean
  run: (act: RequestAct) => void
  onClose: () => void
}

/** The dialogs of a running request, one at a time. */
export function LiveDialogs({ request, dialog, busy, run, onClose }: LiveDialogsProps) {
  const action = dialog !== null && 'action' in dialog ? dialog.action : null
  const sent = action === null ? null : (action.sent_at ?? action.started_at)
  return (
    <>
      {dialog?.kind === 'raw' && action && <RawDialog requestId={request.id} action={action} onClose={onClose} />}
      {dialog?.kind === 'password' && action && (
        <PasswordDialog requestId={request.id} action={action} account={request.employee.work_email} onClose={onClose} />
      )}
      {dialog?.kind === 'hand-over' && action && <HandOverDialog requestId={request.id} action={action} onClose={onClose} />}
      <Confirm
        id="resend-dialog"
        opened={dialog?.kind === 'resend'}
        title="Send the invitation again?"
        confirmLabel="Send again"
        busy={busy}
        onConfirm={() => {
          if (action) run({ what: 'resend', action: action.id })
        }}
        onClose={onClose}
      >
        The invitation that was sent {sent === null ? 'before' : <RelativeTime at={sent} />} is withdrawn and its link stops working. {request.employee.full_name} gets
        a new one, and its time begins anew.
      </Confirm>
      <Confirm
        id="cancel-dialog"
        opened={dialog?.kind === 'cancel'}
        title="Cancel this request?"
        confirmLabel="Cancel the request"
        cancelLabel="Let it run"
        danger
        busy={busy}
        onConfirm={() => {
          run({ what: 'cancel' })
        }}
        onClose={onClose}
      >
        What has been done stays done, and what is under way is finished. Nothing further is started.
      </Confirm>
    </>
  )
}
