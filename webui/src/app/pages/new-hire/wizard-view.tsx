import { lazy, Suspense } from 'react'
import type { AppRead } from '@/api/types'
import { lookOfSteps, Steps } from '@/features/hire/steps'
import { errorsUnder } from '@/forms/validate'
import { Confirm } from '@/ui/confirm'
import { LoadingBlocks, Page } from '@/ui/page'
import { useWizard } from './use-wizard'
import { PERSON, reachOf, REVIEW, stepWithErrors, type AppStep } from './wizard'
import { WizardForm } from './wizard-form'
import classes from './wizard-view.module.css'

// Not needed before the last page, and heavy.
const ReviewStep = lazy(() => import('./review-step').then((module) => ({ default: module.ReviewStep })))

const LEADS: Record<string, string> = {
  [PERSON]: 'Who it is, and which apps they get.',
  [REVIEW]: 'Exactly what will happen. Nothing has been changed yet.',
}

/** The wizard: a page for the person, a page per chosen app, the plan. */
export function Wizard({ apps }: { apps: readonly AppRead[] }) {
  const wizard = useWizard(apps)
  const { draft, steps, keys, current, go } = wizard
  const at = keys.indexOf(current)
  const app = steps.find((one) => one.app.key === current)
  const labels = keys.map((key) => ({ key, label: labelOf(key, steps), wrong: isWrong(key, draft.errors, steps) }))
  // On the first page each switch makes a step: a bar keeps its place meanwhile.
  const look = current === PERSON ? 'bar' : lookOfSteps(keys.length)

  return (
    <Page
      key={current}
      title="New hire"
      documentTitle={`New hire: ${labelOf(current, steps)}`}
      lead={LEADS[current] ?? `What ${draft.person.full_name.trim()} gets in ${app?.app.title ?? 'this app'}.`}
      narrow={current !== REVIEW && look !== 'column'}
    >
      <div className={classes.layout} data-look={look}>
        <Steps steps={labels} current={current} look={look} reach={reachOf(draft, steps)} onGo={go} />
        {current === REVIEW ? (
          <Suspense fallback={<LoadingBlocks blocks={2} height={140} />}>
            <ReviewStep wizard={wizard} onBack={() => { go(keys[at - 1] ?? PERSON) }} />
          </Suspense>
        ) : (
          <WizardForm wizard={wizard} apps={apps} app={app} />
        )}
      </div>
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

/** Whether the server refused something on a step. */
function isWrong(key: string, errors: Readonly<Record<string, string>>, steps: readonly AppStep[]): boolean {
  if (key === PERSON) return stepWithErrors(errors, []) === PERSON
  return Object.keys(errorsUnder(errors, `apps.${key}`)).length > 0 && steps.some((one) => one.app.key === key)
}
