import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { ConnectionDetail, ConnectionMethodRead, VendorMethodsRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import { authorizeAddress, useConnect } from './api'
import { CredentialFields } from './credential-fields'
import { fieldErrors, missingFields, tidy } from './credentials'
import { MethodChoice, MethodDetails } from './method-choice'

interface ConnectFormProps {
  vendor: VendorMethodsRead
  again?: ConnectionDetail
  onConnected: (connection: ConnectionDetail) => void
  onBack?: () => void
  onClose: () => void
}

/** How one vendor is connected. A vendor's own consent page takes over the window; typed-in values are checked first. */
export function ConnectForm({ vendor, again, onConnected, onBack, onClose }: ConnectFormProps) {
  const connecting = useConnect(vendor.vendor)
  const [key, setKey] = useState(again?.method)
  const [title, setTitle] = useState('')
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [tried, setTried] = useState(false)
  const method = vendor.methods.find((one) => one.key === key) ?? vendor.methods.find((one) => one.available) ?? vendor.methods[0]
  if (!method) return <div>This vendor cannot be connected from here.</div>

  const refused = connecting.error instanceof ApiError ? fieldErrors(connecting.error, method.fields) : {}
  const errors = { ...(tried ? missingFields(method.fields, values) : {}), ...refused }
  const elsewhere = connecting.isError && Object.keys(refused).length === 0

  function send(chosen: ConnectionMethodRead) {
    setTried(true)
    if (Object.keys(missingFields(chosen.fields, values)).length > 0) {
      focusFirstError()
      return
    }
    connecting.mutate(
      { method: chosen.key, fields: tidy(chosen.fields, values), ...(title.trim() === '' ? {} : { title: title.trim() }), ...(again ? { connection_id: again.id } : {}) },
      { onSuccess: onConnected, onError: focusFirstError },
    )
  }

  return (
    <form
      id="connect-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (method.kind === 'typed_in' && method.available) send(method)
      }}
    >
      <Stack gap="lg">
        {again && <div>It stays the same connection, so nothing that uses it has to change. It must be the same account at {vendor.title}.</div>}
        <MethodChoice
          methods={vendor.methods}
          chosen={method}
          onChoose={(next) => {
            setKey(next)
            setTried(false)
            connecting.reset()
          }}
        />
        <MethodDetails method={method} />
        {method.kind === 'typed_in' && method.available && (
          <>
            <CredentialFields
              fields={method.fields}
              values={values}
              errors={errors}
              onChange={(name, value) => {
                setValues((before) => ({ ...before, [name]: value }))
                if (connecting.isError) connecting.reset()
              }}
            />
            {!again && !method.fields.some(({ name }) => name === 'title') && (
              <TextInput
                id="connect-title"
                label="Display name"
                description={`How OneClick calls it. Without one it is called after the account at ${vendor.title}.`}
                maxLength={100}
                autoComplete="off"
                value={title}
                error={connecting.error instanceof ApiError ? connecting.error.byField().title : undefined}
                onChange={(event) => {
                  setTitle(event.currentTarget.value)
                }}
              />
            )}
          </>
        )}
        {elsewhere && (
          <Note tone="bad" role="alert" id="connect-refused" title={again ? 'It was not reconnected' : 'It was not connected'}>
            {messageOf(connecting.error)}
          </Note>
        )}
        <Group justify="flex-end" gap="xs">
          {onBack ? (
            <Button id="connect-back" variant="default" mr="auto" leftSection={<Icon name="chevronLeft" size={14} />} onClick={onBack}>
              Other vendors
            </Button>
          ) : null}
          <Button id="connect-cancel" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Go vendor={vendor} method={method} again={again} busy={connecting.isPending} />
        </Group>
      </Stack>
    </form>
  )
}

function Go({ vendor, method, again, busy }: { vendor: VendorMethodsRead; method: ConnectionMethodRead; again?: ConnectionDetail; busy: boolean }) {
  if (method.kind === 'typed_in') {
    return (
      <Button id="connect-submit" type="submit" loading={busy} disabled={!method.available}>
        Check and {again ? 'reconnect' : 'connect'}
      </Button>
    )
  }
  const words = `Continue at ${vendor.title}`
  if (!method.available) {
    return (
      <Button id="connect-go" disabled>
        {words}
      </Button>
    )
  }
  return (
    <Button id="connect-go" component="a" href={authorizeAddress(vendor.vendor, method.key, again?.id)} rightSection={<Icon name="arrowRight" size={14} />}>
      {words}
    </Button>
  )
}

function focusFirstError() {
  window.requestAnimationFrame(() => document.querySelector<HTMLElement>('#connect-form [aria-invalid="true"]')?.focus())
}
