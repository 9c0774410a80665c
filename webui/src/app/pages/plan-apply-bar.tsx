import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { RelativeTime } from '@/ui/time'
import classes from './request-page.module.css'
import type { PlanReview } from './use-plan-review'

/** The bar below a plan: what cannot be done yet and why, and the button that says what it will do. */
export function PlanApplyBar({ review, start }: { review: PlanReview; start?: ReactNode }) {
  const { plan, obstacle } = review
  if (plan === null) return null
  return (
    <div className={classes.bar}>
      {start}
      <div className={classes.barEnd}>
        <span className={classes.barNote} id="plan-apply-note">
          {obstacle !== null && !review.nothing
            ? `${obstacle}.`
            : plan.expires_at !== null && !review.nothing && (
                <>
                  This plan lapses <RelativeTime at={plan.expires_at} />.
                </>
              )}
        </span>
        {!review.nothing && (
          <Button id="plan-apply" size="md" loading={review.busy} disabled={obstacle !== null} aria-describedby="plan-apply-note" onClick={review.apply}>
            {review.label}
          </Button>
        )}
      </div>
    </div>
  )
}
