import { Button, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { TagRuleRead } from '@/api/types'
import { roleTemplatesQuery } from '@/features/role-templates/api'
import { scheduleZoneQuery } from '@/features/schedule/api'
import { can, sessionQuery } from '@/features/session/api'
import { useSaveTagRule } from '@/features/tag-rules/api'
import { draftOf, problemsIn, toBody, type RuleDraft } from '@/features/tag-rules/draft'
import { RuleForm } from '@/features/tag-rules/rule-form'
import { RulePreview } from '@/features/tag-rules/rule-preview'
import { Confirm } from '@/ui/confirm'
import { Note } from '@/ui/note'
import layout from '../request-page.module.css'

interface RuleEditorProps {
  /** Null for one that is being made. */
  id: string | null
  start: RuleDraft
  saveLabel: string
  onSaved: (rule: TagRuleRead) => void
}

/** The form of a tag rule, what it would do, and the bar that saves it; leaving with changes asks. */
export function RuleEditor({ id, start, saveLabel, onSaved }: RuleEditorProps) {
  const { data: session } = useQuery(sessionQuery)
  const templates = useQuery({ ...roleTemplatesQuery, enabled: can(session, 'role_templates:read') })
  const { data: zone } = useQuery(scheduleZoneQuery)
  const mayWrite = can(session, 'settings:write')
  const saving = useSaveTagRule(id)
  const [draft, setDraft] = useState(start)
  const [saved, setSaved] = useState(start)
  const [tried, setTried] = useState(false)
  const [keys] = useState(() => new Map<string, string>())
  const changed = JSON.stringify(draft) !== JSON.stringify(saved)
  const problems = problemsIn(draft)
  const refused = saving.error instanceof ApiError ? saving.error.byField() : {}
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => changed && next.pathname !== current.pathname && next.pathname !== '/sign-in',
    enableBeforeUnload: () => changed,
    withResolver: true,
  })

  function save() {
    setTried(true)
    if (Object.keys(problems).length > 0) {
      window.requestAnimationFrame(() => document.querySelector<HTMLElement>('#tag-rule-form [aria-invalid="true"]')?.focus())
      return
    }
    const body = toBody(draft)
    const name = JSON.stringify(body)
    const idempotencyKey = keys.get(name) ?? crypto.randomUUID()
    keys.set(name, idempotencyKey)
    saving.mutate(
      { body, idempotencyKey },
      {
        onSuccess: (rule) => {
          const stored = draftOf(rule)
          setDraft(stored)
          setSaved(stored)
          setTried(false)
          onSaved(rule)
        },
      },
    )
  }

  return (
    <form
      id="tag-rule-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <RuleForm
        draft={draft}
        errors={{ ...(tried ? problems : {}), ...refused }}
        templates={templates.data ?? []}
        zone={zone ?? 'UTC'}
        readOnly={!mayWrite}
        onChange={(change) => {
          setDraft((before) => ({ ...before, ...change }))
          saving.reset()
        }}
      />
      <section aria-labelledby="tag-rule-preview-title" className={layout.plan}>
        <Title order={2} id="tag-rule-preview-title" mt="lg" mb="sm">
          What it would do
        </Title>
        <RulePreview rule={toBody(draft)} sound={Object.keys(problems).length === 0} storedId={changed ? null : id} />
      </section>
      {saving.error !== null && (
        <div className={layout.plan}>
          <Note tone="bad" role="alert" id="tag-rule-refused" title="It was not saved">
            {messageOf(saving.error)}
          </Note>
        </div>
      )}
      {mayWrite && (
        <div className={`${layout.bar} ${layout.plan}`}>
          <span className={layout.barNote}>{changed ? 'Not saved yet. What it has queued already stays as it is.' : 'Nothing to save.'}</span>
          <Button id="tag-rule-save" type="submit" loading={saving.isPending} disabled={!changed}>
            {saveLabel}
          </Button>
        </div>
      )}
      <Confirm
        id="leave-dialog"
        opened={blocker.status === 'blocked'}
        title="Leave without saving?"
        confirmLabel="Leave"
        cancelLabel="Stay here"
        danger
        onConfirm={() => { blocker.proceed?.() }}
        onClose={() => { blocker.reset?.() }}
      >
        What you changed in this tag rule is lost.
      </Confirm>
    </form>
  )
}
