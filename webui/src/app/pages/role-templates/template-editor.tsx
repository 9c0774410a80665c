import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import type { AppRead } from '@/api/types'
import { whyNot } from '@/features/apps/api'
import { TemplateApps } from '@/features/role-templates/template-apps'
import { TemplateForm } from '@/features/role-templates/template-form'
import { Confirm } from '@/ui/confirm'
import { Note } from '@/ui/note'
import layout from '../request-page.module.css'
import type { TemplateDraftState } from './use-template-draft'

interface TemplateEditorProps {
  state: TemplateDraftState
  apps: readonly AppRead[]
  saveLabel: string
  busy: boolean
  /** Why the last try was refused. */
  error: Error | null
  /** Shown beside a refusal that is about somebody else's change. */
  onReload?: () => void
  onSave: () => void
  /** Below the form: its versions, where there are any. */
  children?: ReactNode
}

/** The form of a role template with its save bar; leaving with changes asks. */
export function TemplateEditor({ state, apps, saveLabel, busy, error, onReload, onSave, children }: TemplateEditorProps) {
  const { draft, errors, changed, blocker } = state
  const conflict = error instanceof ApiError && error.code === 'role_template_changed'
  return (
    <>
      <form
        id="template-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (state.ready()) onSave()
          else window.requestAnimationFrame(() => document.querySelector<HTMLElement>('#template-form [aria-invalid="true"]')?.focus())
        }}
      >
        <TemplateForm
          draft={draft}
          errors={errors}
          onChange={state.change}
          apps={
            <TemplateApps
              apps={apps}
              chosen={draft.apps}
              whyNot={whyNot}
              errors={errors}
              onChange={(chosen) => {
                state.change({ apps: chosen })
              }}
            />
          }
        />
        {error !== null && (
          <div className={layout.plan}>
            <Note
              tone={conflict ? 'warn' : 'bad'}
              role="alert"
              id="template-refused"
              title={conflict ? 'Somebody else has changed it' : 'It was not saved'}
              actions={
                conflict &&
                onReload && (
                  <Button id="template-reload" variant="default" onClick={onReload}>
                    Show the newest version
                  </Button>
                )
              }
            >
              {messageOf(error)}
            </Note>
          </div>
        )}
        <div className={`${layout.bar} ${layout.plan}`}>
          <span className={layout.barNote}>{changed ? 'Not saved yet.' : 'Nothing to save.'}</span>
          <Button id="template-save" type="submit" loading={busy} disabled={!changed}>
            {saveLabel}
          </Button>
        </div>
      </form>
      {children}
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
        What you changed in this role template is lost.
      </Confirm>
    </>
  )
}
