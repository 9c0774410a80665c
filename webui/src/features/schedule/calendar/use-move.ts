import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { CalendarRead, EntryRead } from '@/api/types'
import { formatWall } from '@/lib/zones'
import { useChangeSchedule } from '../api'
import { wallAfter } from './layout'

const DAY_MS = 86_400_000

/** What became of the last move. */
export interface Moved {
  state: 'moving' | 'moved' | 'refused'
  name: string
  words: string
  /** Takes it back. */
  undo?: () => void
}

/** Puts entries on other days. They stand there at once; a refusal puts them back and says why. */
export function useMove() {
  const queries = useQueryClient()
  const changing = useChangeSchedule()
  const [moved, setMoved] = useState<Moved | null>(null)

  function put(entry: EntryRead, days: number, isBack = false) {
    const name = entry.full_name
    const wall = wallAfter(entry, days)
    // Where clocks are moved meanwhile this is an hour off, until the server has said what it is.
    const there: EntryRead = { ...entry, at: new Date(Date.parse(entry.at) + days * DAY_MS).toISOString(), local: wall }
    queries.setQueriesData<CalendarRead>(
      { queryKey: ['schedule', 'calendar'] },
      (found) => found && { ...found, items: found.items.map((one) => (one.schedule_id === entry.schedule_id && one.run_id === null ? there : one)) },
    )
    setMoved({ state: 'moving', name, words: `${name} goes to ${formatWall(wall)}.` })
    changing.mutate(
      { id: entry.schedule_id, change: { schedule_time: wall } },
      {
        onSuccess: (answer) => {
          const at = `${formatWall(answer.local)} ${answer.time_zone}`
          setMoved({
            state: 'moved',
            name,
            words: isBack ? `${name} is back at ${at}.` : `${name} now runs at ${at}.`,
            undo: isBack
              ? undefined
              : () => {
                  put(there, -days, true)
                },
          })
        },
        onError: (error) => {
          setMoved({ state: 'refused', name, words: messageOf(error) })
        },
      },
    )
  }

  return {
    moved,
    forget: () => {
      setMoved(null)
    },
    move: (entry: EntryRead, days: number) => {
      if (days !== 0 && !changing.isPending) put(entry, days)
    },
  }
}
