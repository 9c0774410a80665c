import type { ActionRead } from '@/api/types'
import type { RequestAct } from './api'

/** The dialogs that an action can ask for. */
export type ActionDialog = 'raw' | 'password' | 'resend' | 'hand-over'

/** What the reader may do with a running request, and what is being done just now. */
export interface Acting {
  mayWrite: boolean
  /** The signed-in operator's id. */
  me: string | null
  run: (act: RequestAct) => void
  /** Whether this very thing is on its way; `subject` is an action's id or an app. */
  isBusy: (what: RequestAct['what'], subject: string) => boolean
  open: (dialog: ActionDialog, action: ActionRead) => void
}

/** Whether an act is this one. */
export function isAct(act: RequestAct | undefined, what: RequestAct['what'], subject: string): boolean {
  if (act?.what !== what) return false
  if ('action' in act) return act.action === subject
  return 'app' in act ? act.app === subject : true
}
