import { Button, Group, Modal, Stack } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import { Note } from '@/ui/note'
import { ZoneField } from '@/ui/zone-field'
import { useChangeZone } from './api'

/** Chooses the zone that this tenant's days and times mean. */
export function ZoneDialog({ zone, onClose, onChanged }: { zone: string; onClose: () => void; onChanged: (zone: string) => void }) {
  const [chosen, setChosen] = useState(zone)
  const changing = useChangeZone()
  const refused = changing.error instanceof ApiError ? changing.error.byField().time_zone : undefined
  return (
    <Modal id="zone-dialog" opened onClose={onClose} title="The tenant’s time zone" closeButtonProps={{ 'aria-label': 'Close', id: 'zone-dialog-close' }}>
      <Stack gap="md">
        {changing.error !== null && refused === undefined && (
          <Note tone="bad" role="alert" id="zone-dialog-refused" title="It stays as it was">
            {messageOf(changing.error)}
          </Note>
        )}
        <ZoneField
          id="zone-dialog-zone"
          value={chosen}
          error={refused}
          onChange={(next) => {
            if (next !== null) setChosen(next)
          }}
        />
        <div>The calendar’s days, new schedules and tag rules without a zone of their own mean it. What is scheduled already keeps its zone and its time.</div>
        <Group justify="flex-end" gap="xs">
          <Button id="zone-dialog-cancel" variant="default" onClick={onClose}>
            Leave it as it is
          </Button>
          <Button
            id="zone-dialog-confirm"
            loading={changing.isPending}
            disabled={chosen === zone}
            onClick={() => {
              changing.mutate(chosen, { onSuccess: onChanged })
            }}
          >
            Change the time zone
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
