import { Button, Checkbox, Group, Modal, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import { slug } from '@/lib/format'
import { dayOf } from '@/lib/time'
import { Note } from '@/ui/note'
import { useCreateApiKey } from './api'
import classes from './api-keys.module.css'
import { inPairs, LIFETIMES, NEW_KEY, problemsIn, scopeWords, toBody, type KeyDraft } from './draft'
import { KeyOnce } from './key-once'

/** Makes a key: its name, what it may, until when. Then shows it, once. */
export function CreateKeyDialog({ scopes, onClose }: { scopes: readonly string[]; onClose: () => void }) {
  const creating = useCreateApiKey()
  const [draft, setDraft] = useState(NEW_KEY)
  const [tried, setTried] = useState(false)
  const refused = creating.error instanceof ApiError ? creating.error.byField() : {}
  const errors: Record<string, string> = { ...(tried ? problemsIn(draft, new Date()) : {}), ...refused }
  const elsewhere = creating.isError && !Object.keys(refused).some((field) => ['name', 'scopes', 'expires_at'].includes(field))
  const made = creating.data

  function change(part: Partial<KeyDraft>) {
    setDraft((before) => ({ ...before, ...part }))
    if (creating.isError) creating.reset()
  }

  function send() {
    setTried(true)
    const now = new Date()
    if (Object.keys(problemsIn(draft, now)).length > 0) {
      window.requestAnimationFrame(() => document.querySelector<HTMLElement>('#api-key-form [aria-invalid="true"]')?.focus())
      return
    }
    creating.mutate(toBody(draft, now))
  }

  return (
    <Modal
      id="api-key-dialog"
      opened
      onClose={onClose}
      size="lg"
      title={made ? `${made.api_key.name} is there` : 'New API key'}
      closeOnClickOutside={false}
      closeOnEscape={made === undefined}
      withCloseButton={made === undefined}
      closeButtonProps={{ 'aria-label': 'Close', id: 'api-key-dialog-close' }}
    >
      {made ? (
        <KeyOnce value={made.key} onDone={onClose} />
      ) : (
        <form
          id="api-key-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            send()
          }}
        >
          <Stack gap="lg">
            <TextInput
              id="api-key-name"
              label="Name"
              description="Who or what will use it. The audit log names the key by it."
              placeholder="HR system"
              withAsterisk
              aria-required
              maxLength={200}
              autoComplete="off"
              data-autofocus
              value={draft.name}
              error={errors.name}
              onChange={(event) => {
                change({ name: event.currentTarget.value })
              }}
            />
            <Checkbox.Group
              id="api-key-scopes"
              label="What it may do"
              description="No more than it needs: whoever has the key can do this."
              withAsterisk
              value={[...draft.scopes]}
              error={errors.scopes}
              onChange={(chosen) => {
                change({ scopes: chosen })
              }}
            >
              <div className={classes.choices}>
                {inPairs(scopes).map((scope) => (
                  <Checkbox key={scope} id={`api-key-scope-${slug(scope)}`} value={scope} label={scopeWords(scope)} description={scope} aria-invalid={errors.scopes !== undefined} />
                ))}
              </div>
            </Checkbox.Group>
            <NativeSelect
              id="api-key-lifetime"
              label="How long"
              data={LIFETIMES}
              value={draft.lifetime}
              error={draft.lifetime === 'day' ? undefined : errors.expires_at}
              description={draft.lifetime === 'never' ? 'A key without an end is forgotten more easily. Revoke it when nobody uses it.' : undefined}
              onChange={(event) => {
                change({ lifetime: event.currentTarget.value })
              }}
            />
            {draft.lifetime === 'day' && (
              <TextInput
                id="api-key-day"
                label="Last day"
                type="date"
                min={dayOf(new Date())}
                value={draft.day}
                error={errors.expires_at}
                onChange={(event) => {
                  change({ day: event.currentTarget.value })
                }}
              />
            )}
            {elsewhere && (
              <Note tone="bad" role="alert" title="It was not made">
                {messageOf(creating.error)}
              </Note>
            )}
            <Group justify="flex-end" gap="xs">
              <Button id="api-key-cancel" variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button id="api-key-create" type="submit" loading={creating.isPending}>
                Create the key
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
