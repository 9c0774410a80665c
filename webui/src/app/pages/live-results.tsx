import { Button } from '@mantine/core'
import type { RequestRead } from '@/api/types'
import type { Acting } from '@/features/requests/acting'
import { actionId } from '@/features/requests/components/action-line'
import { Attention } from '@/features/requests/components/attention'
import { ResultCard } from '@/features/requests/components/result-card'
import { useFolds } from '@/features/requests/folds'
import { mattersOf, type Matter } from '@/features/requests/matters'
import { inPlanOrder } from '@/features/requests/progress'
import { slug } from '@/lib/format'
import classes from './request-page.module.css'

/** The apps of a running request in the order of the plan; where there are many, what needs somebody stands above them. */
export function LiveResults({ request, acting }: { request: RequestRead; acting: Acting }) {
  const results = inPlanOrder(request)
  const folds = useFolds(results)
  const matters = folds.many ? mattersOf(results, acting.me) : []
  const allOpen = results.every((result) => folds.isOpen(result))

  function show({ app, action }: Matter) {
    folds.set(app, true)
    // Its place is there once the card has opened.
    window.requestAnimationFrame(() => {
      const place = document.getElementById(action === null ? `result-${slug(app)}-toggle` : actionId(app, action))
      place?.scrollIntoView({ block: 'center' })
      place?.focus({ preventScroll: true })
    })
  }

  return (
    <div className={classes.results} data-many={folds.many || undefined}>
      {matters.length > 0 && <Attention matters={matters} onShow={show} />}
      {folds.many && (
        <div className={classes.foldAll}>
          <Button
            id="request-fold"
            variant="subtle"
            color="gray"
            size="compact-sm"
            onClick={() => {
              for (const result of results) folds.set(result.app, !allOpen)
            }}
          >
            {allOpen ? 'Fold all apps' : 'Unfold all apps'}
          </Button>
        </div>
      )}
      {results.map((result) => (
        <ResultCard
          key={result.app}
          result={result}
          acting={acting}
          brief={folds.many}
          open={folds.isOpen(result)}
          onOpen={(open) => {
            folds.set(result.app, open)
          }}
        />
      ))}
    </div>
  )
}
