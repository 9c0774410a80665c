import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { ConnectionDetail } from '@/api/types'
import { useRename } from './api'

/** Gives a connection another display name. */
export function RenameDialog({ connection, onClose }: { connection: ConnectionDetail; onClose: () => void }) {
  const renaming = useRename(connection.id)
  const [title, setTitle] = useState(connection.title)
  const wanted = title.trim()
  const error = renaming.error instanceof ApiError ? (renaming.error.byField().title ?? renaming.error.message) : renaming.error && messageOf(renaming.error)
  return (
    <Modal id="rename-dialog" opened onClose={onClose} title="Rename the connection" closeButtonProps={{ 'aria-label': 'Close', id: 'rename-dialog-close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (wanted === connection.title) onClose()
          else renaming.mutate(wanted, { onSuccess: onClose })
        }}
      >
        <Stack gap="lg">
          <TextInput
            id="rename-dialog-name"
            label="Display name"
            description="How OneClick calls it. Nothing changes at the vendor."
            maxLength={100}
            autoComplete="off"
            data-autofocus
            value={title}
            error={error ?? undefined}
            onChange={(event) => {
              setTitle(event.currentTarget.value)
              if (renaming.isError) renaming.reset()
            }}
          />
          <Group justify="flex-end" gap="xs">
            <Button id="rename-dialog-cancel" variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button id="rename-dialog-confirm" type="submit" loading={renaming.isPending} disabled={wanted === ''}>
              Rename
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
