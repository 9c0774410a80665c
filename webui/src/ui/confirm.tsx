import { Button, Group, Modal, Stack } from '@mantine/core'
import type { ReactNode } from 'react'

interface ConfirmProps {
  id: string
  opened: boolean
  title: string
  children: ReactNode
  confirmLabel: string
  cancelLabel?: string
  danger?: boolean
  busy?: boolean
  /** Until what will be lost is known, nothing can be confirmed. */
  ready?: boolean
  onConfirm: () => void
  onClose: () => void
}

/** Asks before something that cannot simply be taken back, and says what will be lost. */
export function Confirm({ id, opened, title, children, confirmLabel, cancelLabel = 'Go back', danger = false, busy = false, ready = true, onConfirm, onClose }: ConfirmProps) {
  return (
    <Modal id={id} opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close', id: `${id}-close` }}>
      <Stack gap="lg">
        <div>{children}</div>
        <Group justify="flex-end" gap="xs">
          <Button id={`${id}-cancel`} variant="default" onClick={onClose} data-autofocus>
            {cancelLabel}
          </Button>
          <Button id={`${id}-confirm`} color={danger ? 'red.9' : undefined} loading={busy} disabled={!ready} onClick={onConfirm}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
