import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useBlocker } from '@tanstack/react-router'
import { useCallback, useEffect, useMemo, useReducer, useState } from 'react'
import type { AppRead, EmployeeRead, RoleTemplateRead } from '@/api/types'
import { whyNot } from '@/features/apps/api'
import { personQuery } from '@/features/people/api'
import { findHeld } from './held'
import { Sitting } from './sitting'
import { appSteps, EMPTY, PERSON, reduce, REVIEW, stepToShow, stepWithErrors } from './wizard'

const route = getRouteApi('/signed-in/new-hire')

/** The wizard's state: the draft, the step that the address names, and the way between steps. */
export function useWizard(apps: readonly AppRead[]) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [sitting] = useState(() => new Sitting())
  const [draft, change] = useReducer(reduce, EMPTY)
  const usable = useMemo(() => apps.filter((app) => whyNot(app) === null), [apps])
  const steps = useMemo(() => appSteps(draft, usable), [draft, usable])
  const current = stepToShow(draft, steps, search.step)
  const keys = [PERSON, ...steps.map((one) => one.app.key), REVIEW]

  const known = useQuery({ ...personQuery(search.person ?? ''), enabled: search.person !== undefined && !draft.changed })
  const queries = useQueryClient()
  const startFrom = useCallback(
    async (person: EmployeeRead) => {
      change({ type: 'known', person, held: await findHeld(queries, person, apps) })
    },
    [queries, apps],
  )
  useEffect(() => {
    if (known.data) void startFrom(known.data)
  }, [known.data, startFrom])

  const begin = useCallback(
    (template: RoleTemplateRead | null, over = false) => {
      change({ type: 'template', template, over, usable: usable.map((app) => app.key) })
    },
    [usable],
  )

  const go = useCallback(
    (step: string, replace = false) => {
      void navigate({ search: (before) => ({ ...before, step: step === PERSON ? undefined : step }), replace })
      window.scrollTo({ top: 0 })
    },
    [navigate],
  )

  /** Takes what the server refused to the step it is about; false when it is about none. */
  const takeErrors = useCallback(
    (errors: Readonly<Record<string, string>>) => {
      const step = stepWithErrors(errors, steps)
      if (step === null) return false
      change({ type: 'refused', errors })
      go(step, true)
      return true
    },
    [steps, go],
  )

  // On the review the wish is kept as a planned request; before it, what was typed is nowhere else.
  const unsaved = draft.changed && current !== REVIEW
  const blocker = useBlocker({
    shouldBlockFn: ({ current: from, next }) => unsaved && next.pathname !== from.pathname && next.pathname !== '/sign-in',
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  })

  return { sitting, draft, change, steps, keys, current, go, takeErrors, startFrom, begin, blocker }
}

export type WizardState = ReturnType<typeof useWizard>
