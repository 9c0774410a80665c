import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { RequestRead } from '@/api/types'
import { PlanApplyBar } from './plan-apply-bar'
import { usePlanReview } from './use-plan-review'
import { PlanDiff } from '@/features/plans/plan-diff'
import { refreshRequest } from '@/features/requests/api'
import { Icon } from '@/ui/icons'
import { EmptyState, LoadingBlocks } from '@/ui/page'
import { Note } from '@/ui/note'

/** A request that was planned and not applied: the plan, and the way to apply it or to make it anew. */
export function PlannedRequest({ request, mayWrite }: { request: RequestRead; mayWrite: boolean }) {
  const queries = useQueryClient()
  const review = usePlanReview(request, () => {
    void refreshRequest(queries, request.id)
    window.scrollTo({ top: 0 })
  })
  const plan = review.plan
  if (plan === null) {
    return (
      <EmptyState
        icon="list"
        title="No plan yet"
        action={
          mayWrite && (
            <Button id="plan-make" loading={review.busy} onClick={review.remake}>
              Make a plan
            </Button>
          )
        }
      >
        A plan reads what is there now and changes nothing.
      </EmptyState>
    )
  }
  const old = plan.state === 'expired' || plan.state === 'superseded' || plan.state === 'failed'
  return (
    <>
      {review.note}
      {plan.state === 'planning' && <LoadingBlocks blocks={2} height={120} />}
      {old && (
        <Note
          tone="info"
          title={plan.state === 'failed' ? 'The plan could not be made' : 'This plan is too old to apply'}
          actions={
            mayWrite && (
              <Button id="plan-remake" variant="default" loading={review.busy} leftSection={<Icon name="retry" size={16} />} onClick={review.remake}>
                Plan again
              </Button>
            )
          }
        >
          A new plan reads what is there now. Nothing has been changed.
        </Note>
      )}
      <PlanDiff plan={plan} decisions={review.decisions} onDecide={mayWrite && !old ? review.decide : undefined} />
      {mayWrite && !old && plan.state !== 'planning' && <PlanApplyBar review={review} />}
    </>
  )
}
