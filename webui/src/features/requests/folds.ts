import { useState } from 'react'
import type { ResultRead } from '@/api/types'

/** More apps than this do not fit a window when each shows its timeline. */
const FEW = 4

const SETTLED = new Set(['success', 'cancelled'])
const CALM = new Set(['success', 'cancelled', 'pending', 'running', 'waiting_retry'])

/** Whether somebody has to look into an app: it failed, waits for someone, or keeps a password for its reader. */
export function needsSomebody(result: ResultRead): boolean {
  const sealed = result.actions.some((action) => action.first_password?.state === 'sealed')
  return sealed || !CALM.has(result.state) || result.actions.some((action) => ['failed', 'awaiting_person', 'awaiting_acceptance'].includes(action.state))
}

function isOpenAtFirst(result: ResultRead, many: boolean): boolean {
  return needsSomebody(result) || (!many && !SETTLED.has(result.state))
}

/** Which apps show their timeline: where there are many, those alone that somebody has to look into; then as the reader wants it. */
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
