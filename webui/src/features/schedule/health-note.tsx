import type { ScheduleHealthRead } from '@/api/types'
import { count } from '@/lib/format'
import { formatDuration } from '@/lib/time'
import { TextLink } from '@/ui/link'
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
  if (needs_person === 0 && missed === 0) return null
  return (
    <Note tone="warn" id="schedule-attention" title={[needs_person > 0 ? `${count(needs_person, 'hire')} ${needs_person === 1 ? 'waits' : 'wait'} for a person` : '', missed > 0 ? `${count(missed, 'time')} missed in the last seven days` : ''].filter(Boolean).join('; ')}>
      {needs_person > 0 ? (
        <>
          The plan that was made at its time asks something. Nobody guesses: look at{' '}
          <TextLink id="schedule-attention-open" to="/schedule" search={{ status: 'executing' }}>
            what is running
          </TextLink>{' '}
          and decide.
        </>
      ) : (
        'Their time passed while nothing could run, for longer than the grace. Give them a new time.'
      )}
    </Note>
  )
}
