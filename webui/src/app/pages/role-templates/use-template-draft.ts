import { useBlocker } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError } from '@/api/errors'
import type { AppRead } from '@/api/types'
import { problemsIn, type TemplateDraft } from '@/features/role-templates/draft'

/** A role template that is being written: what was typed, what is wrong with it, and the question before it is lost. */
export function useTemplateDraft(start: TemplateDraft, apps: readonly AppRead[]) {
  const [draft, setDraft] = useState(start)
  const [saved, setSaved] = useState(start)
  const [tried, setTried] = useState(false)
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({})
  const changed = JSON.stringify(draft) !== JSON.stringify(saved)
  const problems = problemsIn(draft, apps)
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => changed && next.pathname !== current.pathname && next.pathname !== '/sign-in',
    enableBeforeUnload: () => changed,
    withResolver: true,
  })

  return {
    draft,
    changed,
    blocker,
    errors: { ...(tried ? problems : {}), ...refused },
    change: (part: Partial<TemplateDraft>) => {
      setDraft((before) => ({ ...before, ...part }))
      setRefused((before) => without(before, Object.keys(part)))
    },
    /** Whether it can be sent; where not, every field that needs a change says so. */
    ready: () => {
      setTried(true)
      return Object.keys(problems).length === 0
    },
    /** What was stored is where leaving loses nothing. */
    settle: (stored: TemplateDraft) => {
      setDraft(stored)
      setSaved(stored)
      setTried(false)
      setRefused({})
    },
    takeErrors: (error: unknown) => {
      if (error instanceof ApiError) setRefused(error.byField())
    },
  }
}

export type TemplateDraftState = ReturnType<typeof useTemplateDraft>

/** Leaves out the messages about what is being changed. */
function without(errors: Readonly<Record<string, string>>, parts: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(errors).filter(([path]) => !parts.includes(path.split('.')[0] ?? '')))
}
