import { Button, Group } from '@mantine/core'
import { lazy, Suspense, useRef } from 'react'
import type { AppRead } from '@/api/types'
import { whyNot } from '@/features/apps/api'
import { PersonStep } from '@/features/hire/person-step'
import { Steps } from '@/features/hire/steps'
import { fieldId, SchemaForm } from '@/forms/schema-form'
import { errorsUnder, problemsOf } from '@/forms/validate'
import { Confirm } from '@/ui/confirm'
import { Icon } from '@/ui/icons'
import { LoadingBlocks, Page } from '@/ui/page'
import { AppFormFrame } from './app-form-frame'
import { TemplateSection } from './template-section'
import { useWizard } from './use-wizard'
import { isStepReady, marksOf, PERSON, REVIEW, type AppStep } from './wizard'

// Not needed before the last page, and heavy.
const ReviewStep = lazy(() => import('./review-step').then((module) => ({ default: module.ReviewStep })))

const LEADS: Record<string, string> = {
  [PERSON]: 'Who it is, and which apps they get.',
  [REVIEW]: 'Exactly what will happen. Nothing has been changed yet.',
}

/** The wizard: a page for the person, a page per chosen app, the plan. */
export function Wizard({ apps }: { apps: readonly AppRead[] }) {
  const wizard = useWizard(apps)
  const form = useRef<HTMLFormElement>(null)
  const { draft, change, steps, keys, current, go } = wizard
  const at = keys.indexOf(current)
  const app = steps.find((one) => one.app.key === current)
  const ready = isStepReady(draft, steps, current)
  const labels = keys.map((key) => ({ key, label: labelOf(key, steps) }))

  function next() {
    if (!ready) {
      change({ type: 'tried', step: current })
      if (app) focusFirst(app)
      return
    }
    go(keys[at + 1] ?? REVIEW)
  }

  return (
    <Page
      key={current}
      title="New hire"
      documentTitle={`New hire: ${labelOf(current, steps)}`}
      lead={LEADS[current] ?? `What ${draft.person.full_name.trim()} gets in ${app?.app.title ?? 'this app'}.`}
      narrow={current !== REVIEW}
    >
      <Steps steps={labels} current={current} onGo={go} />
      {current === REVIEW ? (
        <Suspense fallback={<LoadingBlocks blocks={2} height={140} />}>
          <ReviewStep wizard={wizard} onBack={() => { go(keys[at - 1] ?? PERSON) }} />
        </Suspense>
      ) : (
        <form
          ref={form}
          id="wizard-form"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            next()
          }}
        >
          {app ? (
            <AppFormFrame app={app.app}>
              <SchemaForm
                app={app.app.key}
                fields={app.fields}
                values={app.values}
                serverErrors={errorsUnder(draft.errors, `apps.${app.app.key}`)}
                labels={draft.labels[app.app.key]}
                marks={marksOf(app, draft.template)}
                showAll={draft.tried.includes(current)}
                onChange={(name, value) => {
                  change({ type: 'field', app: app.app.key, name, value })
                }}
              />
            </AppFormFrame>
          ) : (
            <PersonStep
              person={draft.person}
              onKnown={(person) => void wizard.startFrom(person)}
              onPerson={(part) => {
                change({ type: 'person', change: part })
              }}
              template={<TemplateSection wizard={wizard} apps={apps} />}
              apps={apps}
              chosen={draft.chosen}
              brought={draft.template === null ? [] : draft.brought}
              broughtBy={draft.template?.name}
              onToggle={(key, on) => {
                change({ type: 'toggle', app: key, on })
              }}
              whyNot={whyNot}
              serverErrors={errorsUnder(draft.errors, 'employee')}
              showAll={draft.tried.includes(PERSON)}
            />
          )}
          <Group justify="space-between" mt="xl">
            {at > 0 ? (
              <Button id="wizard-back" variant="default" onClick={() => { go(keys[at - 1] ?? PERSON) }}>
                Back
              </Button>
            ) : (
              <span />
            )}
            <Button
              id="wizard-next"
              type="submit"
              disabled={current === PERSON && !ready}
              rightSection={<Icon name="arrowRight" size={16} />}
            >
              {keys[at + 1] === REVIEW ? 'Show the plan' : 'Next'}
            </Button>
          </Group>
        </form>
      )}
      <Confirm
        id="leave-dialog"
        opened={wizard.blocker.status === 'blocked'}
        title="Leave without a plan?"
        confirmLabel="Leave"
        cancelLabel="Stay here"
        danger
        onConfirm={() => { wizard.blocker.proceed?.() }}
        onClose={() => { wizard.blocker.reset?.() }}
      >
        What you entered on these pages is lost. Nothing has been changed at any vendor.
      </Confirm>
    </Page>
  )
}

function labelOf(key: string, steps: readonly AppStep[]): string {
  if (key === PERSON) return 'Person and apps'
  if (key === REVIEW) return 'Review'
  return steps.find((one) => one.app.key === key)?.app.title ?? key
}

/** Puts the reader at the first field that needs a change. */
function focusFirst(step: AppStep) {
  const name = Object.keys(problemsOf(step.fields, step.values))[0]
  if (name !== undefined) document.getElementById(fieldId(step.app.key, name))?.focus()
}
