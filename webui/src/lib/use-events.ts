import { useEffect, useEffectEvent, useState } from 'react'
import { address } from '@/api/client'

const GATHER_MS = 120
const POLL_MS = 4_000
const AGAIN_MS = [1_000, 3_000, 8_000, 20_000]

export type Following = 'live' | 'polling' | 'off'

interface Events {
  /** The stream's path; null follows nothing. */
  path: string | null
  /** The events that matter. */
  names: readonly string[]
  /** What is shown is old: fetch it again. Called once for several events in one moment, and in turns while there is no stream. */
  refresh: (inTurns: boolean) => void
  /** Each event by itself, with what it says. */
  hear?: (name: string, data: unknown) => void
  /** How long several events count as one moment. */
  gatherMs?: number
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/**
 * Follows a stream of the server's events. The browser reconnects by itself and names the last event it saw; when the
 * server refuses for good, the stream is opened anew after a pause with that cursor, and until it is back `refresh` is
 * called every few seconds.
 */
export function useEvents({ path, names, refresh, hear, gatherMs = GATHER_MS }: Events): Following {
  const [live, setLive] = useState(false)
  const renew = useEffectEvent(refresh)
  const told = useEffectEvent((event: MessageEvent) => hear?.(event.type, parsed(String(event.data))))
  const wanted = names.join(' ')

  useEffect(() => {
    if (path === null) return
    let source: EventSource | null = null
    let cursor = ''
    let failures = 0
    let gather: ReturnType<typeof setTimeout> | undefined
    let again: ReturnType<typeof setTimeout> | undefined

    const onEvent = (event: MessageEvent) => {
      if (event.lastEventId !== '') cursor = event.lastEventId
      told(event)
      gather ??= setTimeout(() => {
        gather = undefined
        renew(false)
      }, gatherMs)
    }

    const open = () => {
      source = new EventSource(address(path, { after: cursor }))
      for (const name of wanted.split(' ')) source.addEventListener(name, onEvent)
      source.onopen = () => {
        failures = 0
        setLive(true)
        // What changed before the stream stood is in no event.
        renew(false)
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
  }, [path, wanted, gatherMs])

  useEffect(() => {
    if (path === null || live) return
    const poll = setInterval(() => {
      renew(true)
    }, POLL_MS)
    return () => {
      clearInterval(poll)
    }
  }, [path, live])

  if (path === null) return 'off'
  return live ? 'live' : 'polling'
}
