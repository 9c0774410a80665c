import { Button } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { ScheduleDetail } from '@/api/types'
import { useScheduleAct } from '@/features/schedule/api'
import { isCancellable, isExecutable, isMovable } from '@/features/schedule/look'
import { MoveDialog } from '@/features/schedule/move-dialog'
import { formatWall } from '@/lib/zones'
import { Confirm } from '@/ui/confirm'
import { Icon } from '@/ui/icons'
import { notify } from '@/ui/notify'

/** What can be done with a schedule now: another time, run at once, never run. */
export function ScheduleActions({ schedule }: { schedule: ScheduleDetail }) {
  const [asking, setAsking] = useState<'move' | 'cancel' | 'execute' | null>(null)
  const [key, setKey] = useState('')
  const acting = useScheduleAct(schedule.id)
  const repeats = schedule.recurrence !== null
  const name = schedule.employee.full_name

  function act(what: 'cancel' | 'execute') {
    acting.mutate(what === 'cancel' ? { what } : { what, idempotencyKey: key }, {
      onSettled: () => {
        setAsking(null)
      },
      onSuccess: () => {
        notify('ok', what === 'cancel' ? `${name} will not run` : `${name} runs now`, what === 'cancel' ? 'The schedule is cancelled.' : 'Follow it in its request, below.')
      },
      onError: (error) => {
        const begun = error instanceof ApiError && error.code === 'schedule_started'
        notify('bad', begun ? 'It has started already' : 'Nothing was changed', messageOf(error))
      },
    })
  }

  const close = () => {
    setAsking(null)
  }
  return (
    <>
      {isExecutable(schedule) && (
        <Button
          id="schedule-execute"
          variant="default"
          leftSection={<Icon name="arrowRight" size={16} />}
          onClick={() => {
            setKey(crypto.randomUUID())
            setAsking('execute')
          }}
        >
          Run now
        </Button>
      )}
      {isCancellable(schedule) && (
        <Button
          id="schedule-cancel"
          variant="default"
          leftSection={<Icon name="cross" size={16} />}
          onClick={() => {
            setAsking('cancel')
          }}
        >
          Cancel it
        </Button>
      )}
      {isMovable(schedule) && (
        <Button
          id="schedule-move"
          leftSection={<Icon name="calendar" size={16} />}
          onClick={() => {
            setAsking('move')
          }}
        >
          Reschedule
        </Button>
      )}
      {asking === 'move' && (
        <MoveDialog
          schedule={schedule}
          onClose={close}
          onMoved={(changed) => {
            close()
            notify('ok', 'It has another time', `${name} runs at ${formatWall(changed.local)} ${changed.time_zone}.`)
          }}
        />
      )}
      <Confirm
        id="execute-dialog"
        opened={asking === 'execute'}
        title={`Run ${name} now?`}
        confirmLabel="Run now"
        busy={acting.isPending}
        onConfirm={() => {
          act('execute')
        }}
        onClose={close}
      >
        A plan is made afresh and applied. {repeats ? 'Its next times stay.' : 'It will not run at its time any more.'} Where the plan asks something, it waits for a
        person.
      </Confirm>
      <Confirm
        id="cancel-dialog"
        opened={asking === 'cancel'}
        title={`Cancel ${name}?`}
        confirmLabel={repeats ? 'Cancel all its times' : 'Cancel it'}
        cancelLabel="Keep it"
        danger
        busy={acting.isPending}
        onConfirm={() => {
          act('cancel')
        }}
        onClose={close}
      >
        {repeats ? 'It never runs again. A run that is under way goes on.' : 'Nobody is given anything at its time.'} What was given already stays.
      </Confirm>
    </>
  )
}
