import { Paper, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AppRead, RoleTemplateRead } from '@/api/types'
import { appsQuery, whyNot } from '@/features/apps/api'
import { TemplatePicker } from '@/features/role-templates/template-picker'
import { can, sessionQuery } from '@/features/session/api'
import { readFields } from '@/forms/schema'
import { count, joinWords } from '@/lib/format'
import { Confirm } from '@/ui/confirm'
import classes from '../request-page.module.css'
import type { WizardState } from './use-wizard'
import { conflictsWith, templateError, type Draft } from './wizard'

/** Chooses the role template to begin from, and asks before it takes the place of what was typed. */
export function TemplateSection({ wizard, apps }: { wizard: WizardState; apps: readonly AppRead[] }) {
  const { draft, begin } = wizard
  const { data: session } = useQuery(sessionQuery)
  const [asking, setAsking] = useState<RoleTemplateRead | null>(null)
  // Also those that are not offered: the picked template may name them.
  const { data: all = apps } = useQuery(appsQuery)
  if (!can(session, 'role_templates:read')) return null

  function decide(over: boolean) {
    begin(asking, over)
    setAsking(null)
  }

  return (
    <Paper p="lg" component="section" aria-label="Role template">
      <Stack gap="xs">
        <TemplatePicker
          subject={draft.person}
          picked={draft.template}
          error={templateError(draft.errors)}
          outcome={draft.template && outcomeOf(draft, draft.template, all)}
          onPick={(template) => {
            if (template !== null && Object.keys(conflictsWith(draft, template)).length > 0) setAsking(template)
            else begin(template)
          }}
        />
      </Stack>
      <Confirm
        id="role-template-dialog"
        opened={asking !== null}
        title="Replace what you entered?"
        confirmLabel={`Take what ${asking?.name ?? 'it'} says`}
        cancelLabel="Keep mine"
        onConfirm={() => {
          decide(true)
        }}
        onClose={() => {
          decide(false)
        }}
      >
        {asking?.name} fills in fields that you have filled in otherwise:
        <ul className={classes.takes}>
          {Object.entries(asking === null ? {} : conflictsWith(draft, asking)).map(([app, names]) => (
            <li key={app}>
              {titleOf(app, all)}: {joinWords(names.map((name) => fieldTitle(app, name, all)))}
            </li>
          ))}
        </ul>
      </Confirm>
    </Paper>
  )
}

function titleOf(app: string, apps: readonly AppRead[]): string {
  return apps.find((one) => one.key === app)?.title ?? app
}

function fieldTitle(app: string, name: string, apps: readonly AppRead[]): string {
  const form = apps.find((one) => one.key === app)?.form
  return (form && readFields(form).find((field) => field.name === name)?.title) ?? name
}

/** What the template did, and what it could not. */
function outcomeOf(draft: Draft, template: RoleTemplateRead, apps: readonly AppRead[]) {
  const on = Object.keys(template.apps).filter((app) => draft.chosen.includes(app))
  const fields = on.reduce((sum, app) => sum + Object.keys(template.apps[app] ?? {}).length, 0)
  const off = Object.keys(template.apps).filter((app) => !on.includes(app))
  const because = new Map<string, string[]>()
  for (const app of off) {
    const found = apps.find((one) => one.key === app)
    const reason = found === undefined ? 'not installed' : whyNot(found) === null ? 'you switched it off' : found.offered ? 'not connected' : 'switched off here'
    because.set(reason, [...(because.get(reason) ?? []), titleOf(app, apps)])
  }
  return (
    <>
      <span>
        {on.length === 0 ? 'Switches nothing on.' : `Switches on ${joinWords(on.map((app) => titleOf(app, apps)))}`}
        {on.length > 0 && (fields > 0 ? ` and fills in ${count(fields, 'field')}.` : '.')}
        {template.tags.length > 0 && ` Adds the ${template.tags.length === 1 ? 'tag' : 'tags'} ${joinWords(template.tags)}.`}
      </span>
      {[...because].map(([reason, titles]) => (
        <span key={reason}>
          Left out: {joinWords(titles)}, {reason}.
        </span>
      ))}
    </>
  )
}
