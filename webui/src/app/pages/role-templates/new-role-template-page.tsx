import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { AppRead, RoleTemplateRead } from '@/api/types'
import { appsQuery } from '@/features/apps/api'
import { useCreateRoleTemplate } from '@/features/role-templates/api'
import { draftOf, NEW, toBody } from '@/features/role-templates/draft'
import { can, sessionQuery } from '@/features/session/api'
import { TextLink } from '@/ui/link'
import { notify } from '@/ui/notify'
import { EmptyState, ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { TemplateEditor } from './template-editor'
import { useTemplateDraft } from './use-template-draft'

/** Writes a new role template. */
export function NewRoleTemplatePage() {
  const apps = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  return (
    <Page
      title="New role template"
      lead="What everybody in this role gets. Whoever uses it fills in the rest, and can change all of it."
      narrow
      above={
        <TextLink id="role-template-back" to="/role-templates" size="sm">
          Role templates
        </TextLink>
      }
    >
      {!can(session, 'role_templates:write') ? (
        <EmptyState icon="blocked" title="Your role only reads">
          An administrator writes role templates. Ask one of them.
        </EmptyState>
      ) : apps.isPending ? (
        <LoadingBlocks />
      ) : apps.isError ? (
        <ErrorState id="new-role-template" error={apps.error} onRetry={() => void apps.refetch()} />
      ) : (
        <Writer apps={apps.data} />
      )}
    </Page>
  )
}

function Writer({ apps }: { apps: readonly AppRead[] }) {
  const navigate = useNavigate()
  const creating = useCreateRoleTemplate()
  const state = useTemplateDraft(NEW, apps)
  const [made, setMade] = useState<RoleTemplateRead | null>(null)
  const [keys] = useState(() => new Map<string, string>())

  // One render after the draft was settled, so that leaving asks nothing.
  useEffect(() => {
    if (made) void navigate({ to: '/role-templates/$templateId', params: { templateId: made.id }, replace: true })
  }, [made, navigate])

  function save() {
    const body = toBody(state.draft, apps)
    const name = JSON.stringify(body)
    const idempotencyKey = keys.get(name) ?? crypto.randomUUID()
    keys.set(name, idempotencyKey)
    creating.mutate(
      { body, idempotencyKey },
      {
        onError: state.takeErrors,
        onSuccess: (template) => {
          state.settle(draftOf(template))
          setMade(template)
          notify('ok', `${template.name} is there`, 'It can be chosen for a new hire from now on.')
        },
      },
    )
  }

  return <TemplateEditor state={state} apps={apps} saveLabel="Create the role template" busy={creating.isPending} error={creating.error} onSave={save} />
}
