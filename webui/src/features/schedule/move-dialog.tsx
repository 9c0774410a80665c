import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { ScheduleRead } from '@/api/types'
import { Note } from '@/ui/note'
import { useChangeSchedule } from './api'
import { toTiming, whenOf, whenProblems } from './when'
import { WhenFields } from './when-fields'
import { useWhenPreview, WhenPreview } from './when-preview'

/** Chooses another time for a schedule. */
export function MoveDialog({ schedule, onClose, onMoved }: { schedule: ScheduleRead; onClose: () => void; onMoved: (schedule: ScheduleRead) => void }) {
  const [when, setWhen] = useState(() => whenOf(schedule))
  const [tried, setTried] = useState(false)
  const changing = useChangeSchedule()
  const { preview, errors: found } = useWhenPreview(when)
  const problems = whenProblems(when)
  const refused = changing.error instanceof ApiError ? changing.error.byField() : {}
  const errors = { ...found, ...(tried ? problems : {}), ...refused }
  const elsewhere = changing.error !== null && Object.keys(refused).length === 0

  function save() {
    setTried(true)
    if (Object.keys(problems).length > 0) return
    changing.mutate({ id: schedule.id, change: toTiming(when) }, { onSuccess: onMoved })
  }

  return (
    <Modal id="move-dialog" opened onClose={onClose} size="lg" title={`Another time for ${schedule.employee.full_name}`} closeButtonProps={{ 'aria-label': 'Close', id: 'move-dialog-close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack gap="md">
          {elsewhere && (
            <Note tone="bad" role="alert" id="move-dialog-refused" title="It keeps its time">
              {messageOf(changing.error)}
            </Note>
          )}
          <WhenFields
            id="move"
            value={when}
            errors={errors}
            repeats
            onChange={(change) => {
              setWhen((before) => ({ ...before, ...change }))
              changing.reset()
            }}
          />
          <WhenPreview id="move-preview" preview={preview} />
          <Group justify="flex-end" gap="xs">
            <Button id="move-dialog-cancel" variant="default" onClick={onClose}>
              Leave it as it is
            </Button>
            <Button id="move-dialog-confirm" type="submit" loading={changing.isPending}>
              Reschedule
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
