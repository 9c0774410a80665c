import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { OperatorRead } from '@/api/types'
import { isEmail } from '@/lib/email'
import { Note } from '@/ui/note'
import { notify } from '@/ui/notify'
import { useOperatorAct, type OperatorAct } from './api'
import { RoleChoice } from './role-choice'
import { roleLabel } from './roles'

/** Adds an operator by address. */
export function AddOperatorDialog({ onClose }: { onClose: () => void }) {
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState('helpdesk')
  const { acting, errors, elsewhere, act } = useAct(onClose, () => {
    notify('ok', `${email.trim()} may sign in`, 'Nothing is sent to them. Tell them where to sign in.')
  })
  return (
    <Modal id="operator-dialog" opened onClose={onClose} title="Add an operator" closeButtonProps={{ 'aria-label': 'Close', id: 'operator-dialog-close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          act({ what: 'add', email: email.trim(), name: name.trim(), role })
        }}
      >
        <Stack gap="lg">
          <TextInput
            id="operator-email"
            label="Address"
            type="email"
            description="The address with which they sign in at your identity provider."
            withAsterisk
            aria-required
            autoComplete="off"
            maxLength={320}
            data-autofocus
            value={email}
            error={errors.email}
            onChange={(event) => {
              setEmail(event.currentTarget.value)
              if (acting.isError) acting.reset()
            }}
          />
          <TextInput
            id="operator-name"
            label="Name (optional)"
            description="Replaced by what the identity provider says when they sign in."
            autoComplete="off"
            maxLength={200}
            value={name}
            error={errors.name}
            onChange={(event) => {
              setName(event.currentTarget.value)
            }}
          />
          <RoleChoice role={role} error={errors.role} onChange={setRole} />
          {elsewhere}
          <Buttons label="Add the operator" busy={acting.isPending} ready={isEmail(email)} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  )
}

/** Gives an operator another role. */
export function ChangeRoleDialog({ operator, onClose }: { operator: OperatorRead; onClose: () => void }) {
  const [role, setRole] = useState<string>(operator.role)
  const { acting, errors, elsewhere, act } = useAct(onClose, () => {
    notify('ok', `${operator.name} is ${roleLabel(role)} now`, 'It counts at once, for pages that they have open too.')
  })
  return (
    <Modal id="operator-dialog" opened onClose={onClose} title={`Role of ${operator.name}`} closeButtonProps={{ 'aria-label': 'Close', id: 'operator-dialog-close' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          act({ what: 'change', id: operator.id, role })
        }}
      >
        <Stack gap="lg">
          <RoleChoice role={role} error={errors.role} onChange={setRole} />
          {elsewhere}
          <Buttons label="Change the role" busy={acting.isPending} ready={role !== operator.role} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  )
}

function useAct(onClose: () => void, onDone: () => void) {
  const acting = useOperatorAct()
  const errors = acting.error instanceof ApiError ? acting.error.byField() : {}
  const elsewhere = acting.isError && Object.keys(errors).length === 0 && (
    <Note tone="bad" role="alert" id="operator-refused" title="Nothing was changed">
      {messageOf(acting.error)}
    </Note>
  )
  const act = (wanted: OperatorAct) => {
    acting.mutate(wanted, {
      onSuccess: () => {
        onDone()
        onClose()
      },
    })
  }
  return { acting, errors, elsewhere, act }
}

function Buttons({ label, busy, ready, onClose }: { label: string; busy: boolean; ready: boolean; onClose: () => void }) {
  return (
    <Group justify="flex-end" gap="xs">
      <Button id="operator-dialog-cancel" variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button id="operator-dialog-confirm" type="submit" loading={busy} disabled={!ready}>
        {label}
      </Button>
    </Group>
  )
}
