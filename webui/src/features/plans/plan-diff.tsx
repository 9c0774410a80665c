import { Button, Stack } from '@mantine/core'
import type { PlanRead } from '@/api/types'
import { count, slug } from '@/lib/format'
import { Note } from '@/ui/note'
import { useFolding } from './folding'
import { PlanAppCard } from './plan-app-card'
import { PlanSummary } from './plan-summary'
import { destructiveCount, effective, firstOpenChoice, isNothingToDo, openChoices, type Decisions } from './summary'

interface PlanDiffProps {
  plan: PlanRead
  decisions?: Decisions
  /** Without it the plan is only shown. */
  onDecide?: (app: string, code: string, value: string) => void
  /** Leads back to the app's form; only where there is one. */
  onEdit?: (app: string) => void
}

/** The plan, app by app: the one component that shows what will happen, wherever it is shown. Many apps are summed up first. */
export function PlanDiff({ plan, decisions = {}, onDecide, onEdit }: PlanDiffProps) {
  const takes = destructiveCount(effective(plan, decisions))
  const open = openChoices(plan, decisions)
  const folding = useFolding(plan, decisions)

  function showChoice() {
    const asked = firstOpenChoice(plan, decisions)
    if (asked === null) return
    folding.set(asked.app, true)
    // The question is there once its app has unfolded.
    window.requestAnimationFrame(() => {
      const place = document.getElementById(`plan-${slug(asked.app)}-${slug(asked.code)}`)
      place?.scrollIntoView({ block: 'center' })
      place?.querySelector('input')?.focus({ preventScroll: true })
    })
  }

  return (
    <Stack gap="md">
      {folding.many && (
        <PlanSummary
          plan={plan}
          decisions={decisions}
          allOpen={folding.allOpen}
          onFoldAll={() => {
            for (const app of plan.apps) folding.set(app.app, !folding.allOpen)
          }}
        />
      )}
      {isNothingToDo(plan) && (
        <Note tone="ok" id="plan-nothing" title="Nothing to do" role="status">
          Every account, licence and group is already as you want it.
        </Note>
      )}
      {takes > 0 && (
        <Note tone="bad" id="plan-destructive" title={`${count(takes, 'action')} ${takes === 1 ? 'takes' : 'take'} something away`}>
          {takes === 1 ? 'It is' : 'They are'} marked below. Check {takes === 1 ? 'it' : 'them'} before you go on.
        </Note>
      )}
      {open > 0 && onDecide && (
        <Note
          tone="warn"
          id="plan-open-choices"
          title={`${count(open, 'decision')} needed`}
          actions={
            folding.many && (
              <Button id="plan-open-choices-show" variant="default" size="xs" onClick={showChoice}>
                Show {open === 1 ? 'it' : 'the first'}
              </Button>
            )
          }
        >
          Choose below what shall happen with what is already there.
        </Note>
      )}
      <Stack gap={folding.many ? 'xs' : 'md'}>
        {plan.apps.map((app) => (
          <PlanAppCard
            key={app.app}
            app={app}
            decisions={decisions}
            open={folding.isOpen(app)}
            onOpen={
              folding.many
                ? (open) => {
                    folding.set(app.app, open)
                  }
                : undefined
            }
            onDecide={onDecide}
            onEdit={onEdit}
          />
        ))}
      </Stack>
    </Stack>
  )
}
