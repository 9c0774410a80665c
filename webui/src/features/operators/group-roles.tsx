import { ActionIcon, Button, NativeSelect, Paper, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { GroupRolesRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import { notify } from '@/ui/notify'
import { useSetGroupRoles } from './api'
import { problemOf, rowsOf, toItems, type GroupRow } from './groups'
import classes from './operators.module.css'
import { ROLES } from './roles'

/** The groups of the identity provider that mean a role, as a form that is saved as a whole. */
export function GroupRoles({ stored }: { stored: GroupRolesRead }) {
  const saving = useSetGroupRoles()
  const [rows, setRows] = useState(() => rowsOf(stored))
  const [tried, setTried] = useState(false)
  const changed = JSON.stringify(toItems(rows)) !== JSON.stringify(toItems(rowsOf(stored))) || rows.some(({ group }) => group.trim() === '')

  function change(at: number, part: Partial<GroupRow>) {
    setRows((before) => before.map((row, index) => (index === at ? { ...row, ...part } : row)))
    if (saving.isError) saving.reset()
  }

  function save() {
    setTried(true)
    if (rows.some((_, at) => problemOf(rows, at) !== undefined)) {
      window.requestAnimationFrame(() => document.querySelector<HTMLElement>('#group-roles [aria-invalid="true"]')?.focus())
      return
    }
    saving.mutate(toItems(rows), {
      onSuccess: (now) => {
        setRows(rowsOf(now))
        setTried(false)
        notify('ok', 'The groups are saved', 'Who lost a role loses it at once; who gains one gets it at the next sign-in.')
      },
    })
  }

  return (
    <Paper p="lg">
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Stack gap="md">
          {!stored.set_here && <div className={classes.muted}>These come from the installation’s file. Once you save here, what stands here counts instead.</div>}
          {rows.length === 0 && <div>No group means a role. Operators are those in the list above.</div>}
          <ul className={classes.groups} id="group-roles">
            {rows.map((row, at) => (
              <li key={row.key} className={classes.group}>
                <TextInput
                  id={`group-role-${at}-group`}
                  aria-label={`Group ${at + 1}`}
                  placeholder="oneclick-helpdesk"
                  autoComplete="off"
                  maxLength={300}
                  value={row.group}
                  error={tried ? problemOf(rows, at) : undefined}
                  onChange={(event) => {
                    change(at, { group: event.currentTarget.value })
                  }}
                />
                <NativeSelect
                  id={`group-role-${at}-role`}
                  aria-label={`Role of ${row.group || `group ${at + 1}`}`}
                  data={ROLES.map(({ value, label }) => ({ value, label }))}
                  value={row.role}
                  onChange={(event) => {
                    change(at, { role: event.currentTarget.value as GroupRow['role'] })
                  }}
                />
                <ActionIcon
                  id={`group-role-${at}-remove`}
                  aria-label={`Take ${row.group || `group ${at + 1}`} out`}
                  onClick={() => {
                    setRows((before) => before.filter((_, index) => index !== at))
                  }}
                >
                  <Icon name="trash" size={16} />
                </ActionIcon>
              </li>
            ))}
          </ul>
          {saving.isError && (
            <Note tone="bad" role="alert" id="group-roles-refused" title="Nothing was saved">
              {messageOf(saving.error)}
            </Note>
          )}
          <div className={classes.bar}>
            <Button
              id="group-roles-add"
              variant="default"
              leftSection={<Icon name="plus" size={14} />}
              onClick={() => {
                setRows((before) => [...before, { key: crypto.randomUUID(), group: '', role: 'helpdesk' }])
              }}
            >
              Add a group
            </Button>
            <div className={classes.barEnd}>
              <span className={classes.muted}>{changed ? 'Not saved yet.' : 'Nothing to save.'}</span>
              <Button id="group-roles-save" type="submit" loading={saving.isPending} disabled={!changed}>
                Save the groups
              </Button>
            </div>
          </div>
        </Stack>
      </form>
    </Paper>
  )
}
