import type { ReactNode } from 'react'
import type { ScheduleHealthRead } from '@/api/types'
import { count } from '@/lib/format'
import { formatDuration } from '@/lib/time'
import { ButtonLink } from '@/ui/link'
import { Note } from '@/ui/note'

/** What somebody should know about the schedule as a whole; nothing where all is well. */
export function HealthNote({ health }: { health: ScheduleHealthRead }) {
  const { late, late_seconds, needs_person, missed_last_7_days: missed } = health
  if (late > 0) {
    return (
      <Note tone="bad" role="alert" id="schedule-late" title={`${count(late, 'time')} passed and nothing ran`}>
        The longest waits for {formatDuration(new Date(0), new Date(late_seconds * 1000))}. The scheduler or the workers are not running. What is due runs once
        they are back; nothing is lost, and nothing runs twice.
      </Note>
    )
  }
  if (needs_person > 0) {
    return (
      <Attention title={`${count(needs_person, 'hire')} ${needs_person === 1 ? 'waits' : 'wait'} for a person`} status="executing" open="Show what waits">
        The plan that was made at its time asks something, and nobody guesses: open its request and decide.{missed > 0 && ` Besides, ${count(missed, 'time')} ${missed === 1 ? 'was' : 'were'} missed in the last seven days.`}
      </Attention>
    )
  }
  if (missed === 0) return null
  return (
    <Attention title={`${count(missed, 'time')} ${missed === 1 ? 'was' : 'were'} missed in the last seven days`} status="failed" open="Show what failed">
      Nothing could run for longer than the grace. Give them another time.
    </Attention>
  )
}

function Attention({ title, status, open, children }: { title: string; status: string; open: string; children: ReactNode }) {
  return (
    <Note
      tone="warn"
      id="schedule-attention"
      title={title}
      actions={
        <ButtonLink id="schedule-attention-open" to="/schedule" search={{ status }} variant="default" size="xs">
          {open}
        </ButtonLink>
      }
    >
      {children}
    </Note>
  )
}
