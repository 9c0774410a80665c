import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { address } from '@/api/client'
import { refreshRequest } from '../api'

const NAMES = ['request.changed', 'plan.changed', 'result.changed', 'action.changed', 'message'] as const
const GATHER_MS = 120
const POLL_MS = 4_000
const AGAIN_MS = [1_000, 3_000, 8_000, 20_000]

export type Following = 'live' | 'polling' | 'off'

/**
 * Follows a request while it can still change. Each event marks the request as old; several in one moment make one
 * fetch. The browser reconnects by itself and names the last event it saw; when the server refuses for good, the
 * stream is opened anew after a pause with that cursor, and until it is back the request is fetched every few seconds.
 */
export function useRequestEvents(id: string, active: boolean): Following {
  const queries = useQueryClient()
  const [live, setLive] = useState(false)

  useEffect(() => {
    if (!active) return
    let source: EventSource | null = null
    let cursor = ''
    let failures = 0
    let gather: ReturnType<typeof setTimeout> | undefined
    let again: ReturnType<typeof setTimeout> | undefined

    const hear = (event: MessageEvent) => {
      if (event.lastEventId !== '') cursor = event.lastEventId
      gather ??= setTimeout(() => {
        gather = undefined
        void refreshRequest(queries, id)
      }, GATHER_MS)
    }

    const open = () => {
      source = new EventSource(address(`/api/requests/${encodeURIComponent(id)}/events`, { after: cursor }))
      for (const name of NAMES) source.addEventListener(name, hear)
      source.onopen = () => {
        failures = 0
        setLive(true)
        // What changed before the stream stood is in no event.
        void refreshRequest(queries, id)
      }
      source.onerror = () => {
        setLive(false)
        if (source?.readyState !== EventSource.CLOSED) return
        source.close()
        again = setTimeout(open, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)])
        failures += 1
      }
    }

    open()
    return () => {
      source?.close()
      clearTimeout(gather)
      clearTimeout(again)
      setLive(false)
    }
  }, [id, active, queries])

  useEffect(() => {
    if (!active || live) return
    const poll = setInterval(() => void refreshRequest(queries, id), POLL_MS)
    return () => {
      clearInterval(poll)
    }
  }, [id, active, live, queries])

  if (!active) return 'off'
  return live ? 'live' : 'polling'
}
