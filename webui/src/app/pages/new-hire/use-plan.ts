import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '@/api/errors'
import type { RequestRead } from '@/api/types'
import { dropPlanned, planningQuery, planQuery } from '@/features/hire/api'
import type { WizardState } from './use-wizard'
import { toWish } from './wizard'

/** The plan of what the wizard holds: asked for once per wish, followed while it is being made. */
export function usePlan(wizard: WizardState): { request: RequestRead | null; error: Error | null; again: () => void } {
  const { sitting } = wizard
  const queries = useQueryClient()
  const [wish] = useState(() => toWish(wizard.draft, wizard.steps))
  const made = useQuery(planQuery(sitting.id, wish, sitting.keyFor(wish)))
  const id = made.data?.id
  const followed = useQuery({
    ...planningQuery(id ?? ''),
    enabled: id !== undefined && made.data?.plan?.state === 'planning',
    refetchInterval: (query) => (query.state.data?.plan?.state === 'planning' || query.state.data === undefined ? 1000 : false),
  })

  useEffect(() => {
    const before = id === undefined ? null : sitting.replace({ id, wish })
    if (before === null) return
    dropPlanned(before.id)
    // Should the reader come back to the older wish, it is a new one.
    queries.removeQueries({ queryKey: ['hire', 'plan', sitting.id, before.wish] })
  }, [id, sitting, wish, queries])

  const { takeErrors } = wizard
  const taken = useRef<Error | null>(null)
  useEffect(() => {
    if (!(made.error instanceof ApiError) || taken.current === made.error) return
    taken.current = made.error
    takeErrors(made.error.byField())
  }, [made.error, takeErrors])

  return { request: followed.data ?? made.data ?? null, error: made.error, again: () => void made.refetch() }
}
