import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { ActionRead } from '@/api/types'
import { isEmail } from '@/lib/email'
import { useRequestAct } from '../api'

/** Hands a task over to an operator, who is named by address; what is wrong with it stands beside the field. */
export function HandOverDialog({ requestId, action, onClose }: { requestId: string; action: ActionRead; onClose: () => void }) {
  const assign = useRequestAct(requestId)
  const [address, setAddress] = useState('')
  const error = assign.error instanceof ApiError ? (assign.error.byField().assignee ?? assign.error.message) : assign.error && messageOf(assign.error)

  return (
    <Modal id="hand-over-dialog" opened onClose={onClose} title="Hand the task over" closeButtonProps={{ 'aria-label': 'Close', id: 'hand-over-dialog-close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          assign.mutate({ what: 'assign', action: action.id, assignee: address.trim() }, { onSuccess: onClose })
        }}
      >
        <Stack gap="lg">
          <div>{action.title}</div>
          <TextInput
            id="hand-over-dialog-address"
            label="To whom"
            type="email"
            description="The address with which they sign in to OneClick. They see it under what waits for them."
            autoComplete="off"
            data-autofocus
            value={address}
            error={error ?? undefined}
            onChange={(event) => {
              setAddress(event.currentTarget.value)
              if (assign.isError) assign.reset()
            }}
          />
          <Group justify="flex-end" gap="xs">
            <Button id="hand-over-dialog-cancel" variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button id="hand-over-dialog-confirm" type="submit" loading={assign.isPending} disabled={!isEmail(address)}>
              Hand over
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
