import { useState } from 'react'
import type { ResultRead } from '@/api/types'

/** More apps than this do not fit a window when each shows its timeline. */
const FEW = 4

const SETTLED = new Set(['success', 'cancelled'])

/** Whether one of us has to do something in an app before it goes on: it failed, or a task waits. */
export function needsUs(result: ResultRead): boolean {
  return ['error', 'partial', 'awaiting_person'].includes(result.state) || result.actions.some((action) => ['failed', 'awaiting_person'].includes(action.state))
}

/**
 * Whether an app shows its timeline before anybody said so. Where there are many, the list of what needs somebody leads to
 * invitations and passwords; only what we have to do something about is open.
 */
export function isOpenAtFirst(result: ResultRead, many: boolean): boolean {
  if (many) return needsUs(result)
  return !SETTLED.has(result.state) || result.actions.some((action) => action.first_password?.state === 'sealed')
}

/** Which apps show their timeline, as the reader wants it. */
export function useFolds(results: readonly ResultRead[]) {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({})
  const many = results.length > FEW
  return {
    many,
    isOpen: (result: ResultRead) => chosen[result.app] ?? isOpenAtFirst(result, many),
    set: (app: string, open: boolean) => {
      setChosen((before) => ({ ...before, [app]: open }))
    },
  }
}
