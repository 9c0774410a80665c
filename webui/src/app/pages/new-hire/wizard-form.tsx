import { Button } from '@mantine/core'
import type { AppRead } from '@/api/types'
import { whyNot } from '@/features/apps/api'
import { PersonStep } from '@/features/hire/person-step'
import { focusField, SchemaForm } from '@/forms/schema-form'
import { errorsUnder, problemsOf } from '@/forms/validate'
import { Icon } from '@/ui/icons'
import { AppFormFrame } from './app-form-frame'
import { TemplateSection } from './template-section'
import type { WizardState } from './use-wizard'
import { isStepReady, marksOf, PERSON, reachOf, REVIEW, type AppStep } from './wizard'
import classes from './wizard-view.module.css'

interface WizardFormProps {
  wizard: WizardState
  apps: readonly AppRead[]
  /** The app that the page is about; none: the page is about the person. */
  app: AppStep | undefined
}

/** A page of the wizard that is filled in, and the ways on and back. */
export function WizardForm({ wizard, apps, app }: WizardFormProps) {
  const { draft, steps, keys, current, change, go } = wizard
  const at = keys.indexOf(current)
  const ready = isStepReady(draft, steps, current)
  const complete = reachOf(draft, steps) === keys.length - 1

  function next() {
    if (!ready) {
      change({ type: 'tried', step: current })
      if (app) focusFirst(app)
      return
    }
    go(keys[at + 1] ?? REVIEW)
  }

  return (
    <form
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
      <div className={classes.moving}>
        {at > 0 && (
          <Button id="wizard-back" variant="default" onClick={() => { go(keys[at - 1] ?? PERSON) }}>
            Back
          </Button>
        )}
        {app && complete && at < keys.length - 2 && (
          <Button id="wizard-skip" className={classes.skip} variant="subtle" onClick={() => { go(REVIEW) }}>
            Skip to the plan
          </Button>
        )}
        <Button id="wizard-next" className={classes.next} type="submit" disabled={current === PERSON && !ready} rightSection={<Icon name="arrowRight" size={16} />}>
          {keys[at + 1] === REVIEW ? 'Show the plan' : 'Next'}
        </Button>
      </div>
    </form>
  )
}

/** Puts the reader at the first field that needs a change. */
function focusFirst(step: AppStep) {
  const name = Object.keys(problemsOf(step.fields, step.values))[0]
  if (name !== undefined) focusField(step.app.key, name)
}
