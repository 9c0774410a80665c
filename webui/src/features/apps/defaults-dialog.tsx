import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { AppRead } from '@/api/types'
import { FilledFields } from '@/forms/filled-fields'
import { fillable, filledIn } from '@/forms/filling'
import { errorsUnder, problemsOf } from '@/forms/validate'
import { toWire, type Values } from '@/forms/values'
import { Note } from '@/ui/note'
import { useChangeApp } from './api'

/** What an app's form is filled in with where neither a request nor its role template says anything. */
export function DefaultsDialog({ app, onClose }: { app: AppRead; onClose: () => void }) {
  const [values, setValues] = useState<Values>(app.defaults)
  const [tried, setTried] = useState(false)
  const changing = useChangeApp()
  const fields = filledIn(fillable(app), values)
  const empty = Object.fromEntries(fields.filter((field) => values[field.name] === '' || values[field.name] === null).map((field) => [field.name, 'Fill it in, or take it out.']))
  const problems = { ...problemsOf(fields, values), ...empty }
  const said = changing.error instanceof ApiError ? errorsUnder(changing.error.byField(), 'defaults') : {}

  function save() {
    setTried(true)
    if (Object.keys(problems).length > 0) return
    changing.mutate({ app: app.key, defaults: toWire(fields, values) }, { onSuccess: onClose })
  }

  return (
    <Modal opened onClose={onClose} title={`Defaults of ${app.title}`} size="lg">
      <Stack>
        <Text size="sm" c="dimmed">
          New requests are filled in with this where they say nothing themselves: in the wizard, by HR systems, on a date and by tag. A role template says more than a default, a request more than both.
        </Text>
        {changing.isError && Object.keys(said).length === 0 && (
          <Note tone="bad" role="alert" id="app-defaults-error">
            {messageOf(changing.error)}
          </Note>
        )}
        <FilledFields id="defaults" app={app} values={values} errors={{ ...(tried ? problems : {}), ...said }} onChange={setValues} />
        <Group justify="flex-end">
          <Button id="app-defaults-cancel" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button id="app-defaults-save" loading={changing.isPending} onClick={save}>
            Save
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
