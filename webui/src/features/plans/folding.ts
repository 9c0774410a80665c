import { useState } from 'react'
import type { PlanAppRead, PlanRead } from '@/api/types'
import { changesOf, destructiveCount, type Decisions } from './summary'

/** More apps than this do not fit a window when each shows its lines. */
const FEW = 4

/** Whether nothing about an app has to be looked at: it can be planned, asks nothing, warns of nothing and takes nothing away. */
export function isCalm(app: PlanAppRead): boolean {
  return (
    app.state === 'ready' &&
    app.error === null &&
    app.choices.length === 0 &&
    app.warnings.length === 0 &&
    destructiveCount(changesOf(app)) === 0 &&
    app.seats.every((seat) => (seat.left ?? 0) >= 0)
  )
}

/** Which apps of a plan show their lines: where there are many, those that are not calm; then as the reader wants it. */
export function useFolding(plan: PlanRead, decisions: Decisions) {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({})
  const many = plan.apps.length > FEW
  // Whoever decides something keeps the place where it was asked.
  const isOpen = (app: PlanAppRead) => !many || (chosen[app.app] ?? (app.app in decisions || !isCalm(app)))
  return {
    many,
    isOpen,
    allOpen: plan.apps.every(isOpen),
    set: (app: string, open: boolean) => {
      setChosen((before) => ({ ...before, [app]: open }))
    },
  }
}
