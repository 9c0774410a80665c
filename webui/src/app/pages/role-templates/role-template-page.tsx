import { Button, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { AppRead, RoleTemplateRead } from '@/api/types'
import { appsQuery } from '@/features/apps/api'
import { roleTemplateQuery, useChangeRoleTemplate, useDeleteRoleTemplate } from '@/features/role-templates/api'
import { draftOf, toBody } from '@/features/role-templates/draft'
import { TemplateContent } from '@/features/role-templates/template-content'
import { Versions } from '@/features/role-templates/versions'
import { can, sessionQuery } from '@/features/session/api'
import { Confirm } from '@/ui/confirm'
import { Icon } from '@/ui/icons'
import { TextLink } from '@/ui/link'
import { notify } from '@/ui/notify'
import { ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { RelativeTime } from '@/ui/time'
import { TemplateEditor } from './template-editor'
import { useTemplateDraft } from './use-template-draft'

const route = getRouteApi('/signed-in/role-templates/$templateId')
const back = (
  <TextLink id="role-template-back" to="/role-templates" size="sm">
    Role templates
  </TextLink>
)

/** One role template: written by administrators, read by the others; its versions below. */
export function RoleTemplatePage() {
  const { templateId } = route.useParams()
  const query = useQuery(roleTemplateQuery(templateId))
  const apps = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  const failed = query.error ?? apps.error
  if (query.data === undefined || apps.data === undefined) {
    return (
      <Page title="Role template" above={back} narrow>
        {failed === null ? <LoadingBlocks /> : <ErrorState id="role-template" error={failed} onRetry={() => void Promise.all([query.refetch(), apps.refetch()])} />}
      </Page>
    )
  }
  const template = query.data
  const mayWrite = can(session, 'role_templates:write')
  return (
    <Page
      key={template.id}
      title={template.name}
      above={back}
      narrow
      lead={<Lead template={template} />}
      action={mayWrite && <Delete template={template} />}
    >
      {mayWrite ? (
        <Editor template={template} apps={apps.data} onReload={async () => (await query.refetch()).data} />
      ) : (
        <>
          <TemplateContent version={template} apps={apps.data} />
          <History>
            <Versions templateId={template.id} apps={apps.data} newest={template.version} />
          </History>
        </>
      )}
    </Page>
  )
}

function Lead({ template }: { template: RoleTemplateRead }) {
  if (template.changed_at === null) return <>As it came with OneClick. A change makes it your own.</>
  return (
    <>
      Version {template.version}, by {template.changed_by?.name} <RelativeTime at={template.changed_at} />. A change makes a new version; requests keep the one they
      used.
    </>
  )
}

function History({ children }: { children: React.ReactNode }) {
  return (
    <section aria-labelledby="template-history">
      <Title order={2} id="template-history" mb="sm">
        Versions
      </Title>
      {children}
    </section>
  )
}

interface EditorProps {
  template: RoleTemplateRead
  apps: readonly AppRead[]
  onReload: () => Promise<RoleTemplateRead | undefined>
}

function Editor({ template, apps, onReload }: EditorProps) {
  const changing = useChangeRoleTemplate(template.id)
  const state = useTemplateDraft(draftOf(template), apps)
  const [seen, setSeen] = useState(template.version)

  function show(newest: RoleTemplateRead) {
    setSeen(newest.version)
    state.settle(draftOf(newest))
    changing.reset()
  }

  function save() {
    changing.mutate(
      { ...toBody(state.draft, apps), version: seen },
      {
        onError: state.takeErrors,
        onSuccess: (changed) => {
          show(changed)
          notify('ok', `Saved as version ${changed.version}`, 'New requests use it; earlier ones keep theirs.')
        },
      },
    )
  }

  return (
    <TemplateEditor
      state={state}
      apps={apps}
      saveLabel={`Save as version ${seen + 1}`}
      busy={changing.isPending}
      error={changing.error}
      onSave={save}
      onReload={() => void onReload().then((newest) => { if (newest) show(newest) })}
    >
      <History>
        <Versions
          templateId={template.id}
          apps={apps}
          newest={seen}
          onRestore={(version) => {
            state.change(draftOf(version))
            window.scrollTo({ top: 0 })
          }}
        />
      </History>
    </TemplateEditor>
  )
}

function Delete({ template }: { template: RoleTemplateRead }) {
  const navigate = useNavigate()
  const deleting = useDeleteRoleTemplate(template.id)
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button
        id="template-delete"
        variant="default"
        leftSection={<Icon name="trash" size={16} />}
        onClick={() => {
          setAsking(true)
        }}
      >
        Delete
      </Button>
      <Confirm
        id="delete-dialog"
        opened={asking}
        title={`Delete ${template.name}?`}
        confirmLabel="Delete the role template"
        cancelLabel="Keep it"
        danger
        busy={deleting.isPending}
        onConfirm={() => {
          deleting.mutate(template.version, {
            onSuccess: () => void navigate({ to: '/role-templates', ignoreBlocker: true }),
            onError: (error) => {
              setAsking(false)
              notify('bad', 'It was not deleted', messageOf(error))
            },
          })
        }}
        onClose={() => {
          setAsking(false)
        }}
      >
        It can no longer be chosen, and it is suggested to nobody. People keep what they have, and requests keep the version that they used.
      </Confirm>
    </>
  )
}
