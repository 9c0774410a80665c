import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useEvents, type Following } from '@/lib/use-events'
import { refreshNotifications } from './api'

const NAMES = ['notification.arrived', 'notification.changed', 'subscription.changed', 'subscription.problem', 'subscription.recovered', 'gap.changed']
/** A burst is fetched a few times a second, not once for each of its events. */
const GATHER_MS = 300

export interface Feed {
  following: Following
  paused: boolean
  /** How many arrived since the list was paused. */
  missed: number
  pause: () => void
  resume: () => void
}

function countOf(data: unknown): number {
  const { count } = (typeof data === 'object' && data !== null ? data : {}) as { count?: unknown }
  return typeof count === 'number' ? count : 0
}

/** Follows what happens to the tenant's notifications. While it is paused, the list of what arrived stands still. */
export function useFeed(): Feed {
  const queries = useQueryClient()
  const [missed, setMissed] = useState<number | null>(null)
  const fetching = useRef(false)
  const again = useRef(false)
  const paused = missed !== null

  /** One after the other: on a slow day news waits for the answer that is under way, and never cuts it off. */
  async function refresh(wait: boolean, inTurns: boolean) {
    if (fetching.current) {
      again.current = true
      return
    }
    fetching.current = true
    do {
      again.current = false
      await refreshNotifications(queries, { paused: wait, inTurns })
    } while (again.current)
    fetching.current = false
  }

  const following = useEvents({
    path: '/api/ms365/events',
    names: NAMES,
    gatherMs: GATHER_MS,
    refresh: (inTurns) => void refresh(paused, inTurns),
    hear: (name, data) => {
      if (name === 'notification.arrived') setMissed((before) => (before === null ? null : before + countOf(data)))
    },
  })

  return {
    following,
    paused,
    missed: missed ?? 0,
    pause: () => {
      setMissed(0)
    },
    resume: () => {
      setMissed(null)
      void refresh(false, false)
    },
  }
}
