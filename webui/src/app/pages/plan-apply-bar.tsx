import { Button } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { effective } from '@/features/plans/summary'
import { count } from '@/lib/format'
import { Confirm } from '@/ui/confirm'
import { RelativeTime } from '@/ui/time'
import classes from './request-page.module.css'
import type { PlanReview } from './use-plan-review'

/** The bar below a plan: what cannot be done yet and why, and the button that says what it will do. */
export function PlanApplyBar({ review, start }: { review: PlanReview; start?: ReactNode }) {
  const [asking, setAsking] = useState(false)
  const { plan, obstacle } = review
  if (plan === null || (review.nothing && start === undefined)) return null
  const takes = effective(plan, review.decisions).filter((action) => action.destructive)
  return (
    <div className={classes.bar}>
      {start}
      <div className={classes.barEnd}>
        <span className={classes.barNote} id="plan-apply-note">
          {obstacle !== null && !review.nothing
            ? `${obstacle}.`
            : plan.expires_at !== null &&
              !review.nothing && (
                <>
                  This plan lapses <RelativeTime at={plan.expires_at} />.
                </>
              )}
        </span>
        {!review.nothing && !review.hopeless && (
          <Button
            id="plan-apply"
            size="md"
            loading={review.busy}
            disabled={obstacle !== null}
            aria-describedby="plan-apply-note"
            onClick={() => {
              if (takes.length > 0) setAsking(true)
              else review.apply()
            }}
          >
            {review.label}
          </Button>
        )}
      </div>
      <Confirm
        id="apply-dialog"
        opened={asking}
        title={`Take away ${count(takes.length, 'thing')}?`}
        confirmLabel="Apply the plan"
        danger
        onConfirm={() => {
          setAsking(false)
          review.apply()
        }}
        onClose={() => {
          setAsking(false)
        }}
      >
        <ul className={classes.takes}>
          {takes.map((action) => (
            <li key={`${action.key}-${action.target}`}>
              {action.title}
              {!action.title.includes(action.target) && ` (${action.target})`}
              {action.reversible ? '' : ', cannot be undone'}
            </li>
          ))}
        </ul>
      </Confirm>
    </div>
  )
}
