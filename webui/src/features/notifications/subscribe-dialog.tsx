import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { SubscriptionRead } from '@/api/types'
import { Note } from '@/ui/note'
import { useSubscribe } from './api'
import { changesOf, isDirectory, needsWho, NEW_DRAFT, problemsIn, refusalsIn, WHATS, wishesOf, type SubscribeDraft, type What } from './draft'
import classes from './notifications.module.css'
import { changeWords } from './words'

const CHANGES = ['created', 'updated', 'deleted'] as const

/** Asks Microsoft to tell what changes: in mailboxes, calendars, contacts or the directory. */
export function SubscribeDialog({ onMade, onClose }: { onMade: (made: SubscriptionRead[]) => void; onClose: () => void }) {
  const subscribing = useSubscribe()
  const [draft, setDraft] = useState(NEW_DRAFT)
  const [tried, setTried] = useState(false)
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID())
  const refused = subscribing.isError ? refusalsIn(subscribing.error, draft) : {}
  const errors: Record<string, string> = { ...(tried ? problemsIn(draft) : {}), ...refused }

  function change(part: Partial<SubscribeDraft>) {
    setDraft((before) => ({ ...before, ...part }))
    // Another wish, another key: the same key would answer what the first one did.
    setKey(crypto.randomUUID())
    if (subscribing.isError) subscribing.reset()
  }

  function send() {
    setTried(true)
    if (Object.keys(problemsIn(draft)).length > 0) {
      window.requestAnimationFrame(() => document.querySelector<HTMLElement>('#subscribe-form [aria-invalid="true"]')?.focus())
      return
    }
    subscribing.mutate({ wishes: wishesOf(draft), idempotencyKey }, { onSuccess: onMade })
  }

  return (
    <Modal id="subscribe-dialog" opened onClose={onClose} size="lg" title="Watch something at Microsoft" closeOnClickOutside={false} closeButtonProps={{ 'aria-label': 'Close', id: 'subscribe-dialog-close' }}>
      <form
        id="subscribe-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <Stack gap="lg">
          <NativeSelect
            id="subscribe-what"
            label="What"
            data={WHATS}
            value={draft.what}
            data-autofocus
            error={needsWho(draft) ? undefined : errors.who}
            description={isDirectory(draft) ? 'OneClick also reads the directory every six hours, because Microsoft never says that something was missed there.' : undefined}
            onChange={(event) => {
              change({ what: event.currentTarget.value as What })
            }}
          />
          {needsWho(draft) && <Whose draft={draft} error={errors.who} onChange={change} />}
          <Checkbox.Group
            id="subscribe-changes"
            label="Tell when something is"
            withAsterisk
            value={changesOf(draft)}
            error={errors.changes}
            description={isDirectory(draft) ? 'Microsoft tells a new user or group as changed.' : undefined}
            onChange={(changes) => {
              change({ changes: changes as SubscribeDraft['changes'] })
            }}
          >
            <div className={classes.choices}>
              {CHANGES.map((one) => (
                <Checkbox
                  key={one}
                  id={`subscribe-change-${one}`}
                  value={one}
                  label={changeWords(one)}
                  disabled={one === 'created' && isDirectory(draft)}
                  aria-invalid={errors.changes !== undefined}
                />
              ))}
            </div>
          </Checkbox.Group>
          {!isDirectory(draft) && (
            <Switch
              id="subscribe-rich"
              label="Let Microsoft send the data along, encrypted"
              description="Spares OneClick a look at Microsoft for each. The subscription then lives a day instead of a week, and is renewed as often."
              checked={draft.rich}
              error={errors.rich}
              onChange={(event) => {
                change({ rich: event.currentTarget.checked })
              }}
            />
          )}
          {subscribing.isError && refused === null && <Refusal error={subscribing.error} />}
          <Group justify="flex-end" gap="xs">
            <Button id="subscribe-cancel" variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button id="subscribe-confirm" type="submit" loading={subscribing.isPending}>
              Watch
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Whose({ draft, error, onChange }: { draft: SubscribeDraft; error: string | undefined; onChange: (part: Partial<SubscribeDraft>) => void }) {
  const other = draft.what === 'other'
  return (
    <>
      <Textarea
        id="subscribe-who"
        label={other ? 'Paths' : 'Whose'}
        description={other ? 'As Microsoft Graph writes them, one a line: users/<address> or groups/<id>.' : 'Addresses, one a line. Up to a hundred: all of them are watched, or none.'}
        placeholder={other ? 'groups/3f1c…' : 'ada@acme.example'}
        withAsterisk
        autosize
        minRows={2}
        maxRows={8}
        spellCheck={false}
        autoComplete="off"
        value={draft.who}
        error={error}
        onChange={(event) => {
          onChange({ who: event.currentTarget.value })
        }}
      />
      {draft.what === 'mail' && (
        <TextInput
          id="subscribe-folder"
          label="Folder"
          description="Empty means every folder. Microsoft knows inbox, sentitems, archive and its like by name, others by id."
          placeholder="inbox"
          autoComplete="off"
          value={draft.folder}
          onChange={(event) => {
            onChange({ folder: event.currentTarget.value })
          }}
        />
      )}
    </>
  )
}

function Refusal({ error }: { error: unknown }) {
  const exists = error instanceof ApiError && error.code === 'subscription_exists'
  return (
    <Note tone="bad" role="alert" id="subscribe-refused" title={exists ? 'One of these is watched already' : 'Nothing is watched yet'}>
      {messageOf(error)}
      {exists && ' Microsoft allows one subscription for the same resource and changes: leave that one out, or choose other changes.'}
    </Note>
  )
}
