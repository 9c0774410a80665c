import { Button, Stack } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { RequestRead } from '@/api/types'
import { PlanDiff } from '@/features/plans/plan-diff'
import { refreshRequest } from '@/features/requests/api'
import { Icon } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { PlanApplyBar } from '../plan-apply-bar'
import classes from '../request-page.module.css'
import { UsedTemplate } from '../used-template'
import { usePlanReview } from '../use-plan-review'
import { LaterBar, LaterSection } from './later-section'
import { useLater } from './use-later'
import { usePlan } from './use-plan'
import type { WizardState } from './use-wizard'

/** The last page: the plan, its questions, and the button that runs it. */
export function ReviewStep({ wizard, onBack }: { wizard: WizardState; onBack: () => void }) {
  const { request, error, again } = usePlan(wizard)
  const back = (
    <Button id="wizard-back" variant="default" onClick={onBack}>
      Back
    </Button>
  )
  if (request === null) {
    return (
      <Stack gap="md">
        {error === null ? (
          <>
            <p className={classes.muted} role="status">
              Reading what is there now. Nothing is changed by this.
            </p>
            <LoadingBlocks blocks={2} height={140} />
          </>
        ) : (
          <ErrorState id="review" error={error} onRetry={again} />
        )}
        <div>{back}</div>
      </Stack>
    )
  }
  return <Review wizard={wizard} request={request} back={back} />
}

function Review({ wizard, request, back }: { wizard: WizardState; request: RequestRead; back: React.ReactNode }) {
  const navigate = useNavigate()
  const queries = useQueryClient()
  const review = usePlanReview(request, (applied) => {
    void refreshRequest(queries, applied.id)
    void navigate({ to: '/requests/$requestId', params: { requestId: applied.id } })
  })
  const later = useLater(wizard, request, review)
  const { person } = wizard.draft
  const plan = review.plan
  const planning = plan === null || plan.state === 'planning'
  return (
    <Stack gap="md">
      <div className={classes.who} id="review-person">
        <span className={classes.whoName}>{person.full_name.trim()}</span>
        <span className={classes.muted}>{person.work_email.trim()}</span>
        {[person.job_title, person.department, person.location].filter((part) => part.trim() !== '').length > 0 && (
          <span className={classes.muted}>
            {[person.job_title, person.department, person.location].filter((part) => part.trim() !== '').join(' · ')}
          </span>
        )}
        <span className={classes.muted}>
          <UsedTemplate request={request} />
        </span>
      </div>
      {request.employee.existing && (
        <Note tone="info">
          {request.employee.full_name} is already here. What is right stays as it is; only what is missing or different is listed.
        </Note>
      )}
      {review.note}
      {planning && (
        <p className={classes.muted} role="status">
          Still reading what is there now. The plan appears by itself.
        </p>
      )}
      {plan && <PlanDiff plan={plan} decisions={review.decisions} onDecide={review.decide} onEdit={(app) => { wizard.go(app) }} />}
      {later.offered && <LaterSection later={later} />}
      {later.offered && later.isLater ? (
        <LaterBar later={later} start={back} />
      ) : (
        <PlanApplyBar
          review={review}
          start={
            <>
              {back}
              {review.nothing && (
                <ButtonLink id="review-done" to="/requests/$requestId" params={{ requestId: request.id }} variant="default" rightSection={<Icon name="arrowRight" size={16} />}>
                  Open the request
                </ButtonLink>
              )}
            </>
          }
        />
      )}
    </Stack>
  )
}
