import { Button } from '@mantine/core'
import type { PlanRead } from '@/api/types'
import { count } from '@/lib/format'
import { Icon, type IconName } from '@/ui/icons'
import type { Tone } from '@/ui/tone'
import { KINDS } from './kinds'
import classes from './plans.module.css'
import { changesOf, effective, isSkipped, kindOf, tallyOf, type Decisions } from './summary'

interface Line {
  key: string
  icon: IconName
  words: string
  tone?: Tone
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** What the plan comes to over all its apps, kind by kind, and what stands in its way. */
export function linesOf(plan: PlanRead, decisions: Decisions): Line[] {
  const actions = effective(plan, decisions)
  const takes = new Set<string>(actions.filter((action) => action.destructive).map(kindOf))
  const kinds = [...tallyOf(actions)].map(([kind, n]): Line => ({
    key: kind,
    icon: KINDS[kind]?.icon ?? 'dots',
    words: upper(KINDS[kind]?.phrase(n) ?? count(n, 'action')),
    tone: takes.has(kind) ? 'bad' : undefined,
  }))
  const having = (test: (app: PlanRead['apps'][number]) => boolean) => plan.apps.filter(test).length
  const same = having((app) => app.state === 'ready' && app.choices.length === 0 && changesOf(app).length === 0)
  const skipped = having((app) => isSkipped(app, decisions))
  const failed = having((app) => app.state === 'failed')
  const short = plan.apps.flatMap((app) => app.seats).filter((seat) => (seat.left ?? 0) < 0).length
  const others: (Line | false)[] = [
    same > 0 && { key: 'same', icon: 'done', words: `${count(same, 'app')} already as you want ${same === 1 ? 'it' : 'them'}`, tone: 'ok' },
    skipped > 0 && { key: 'skipped', icon: 'minus', words: `${count(skipped, 'app')} left out` },
    short > 0 && { key: 'short', icon: 'warning', words: `Seats do not reach for ${count(short, 'licence')}`, tone: 'warn' },
    failed > 0 && { key: 'failed', icon: 'alert', words: `${count(failed, 'app')} could not be planned`, tone: 'bad' },
  ]
  return [...kinds, ...others.filter((line) => line !== false)]
}

interface PlanSummaryProps {
  plan: PlanRead
  decisions: Decisions
  allOpen: boolean
  onFoldAll: () => void
}

/** The plan of many apps in a few lines, above the apps themselves. */
export function PlanSummary({ plan, decisions, allOpen, onFoldAll }: PlanSummaryProps) {
  return (
    <section className={classes.summary} id="plan-summary" aria-labelledby="plan-summary-title">
      <header className={classes.summaryHeader}>
        <h2 className={classes.summaryTitle} id="plan-summary-title">
          In {count(plan.apps.length, 'app')}
        </h2>
        <Button id="plan-fold" variant="subtle" color="gray" size="compact-sm" onClick={onFoldAll}>
          {allOpen ? 'Fold all apps' : 'Unfold all apps'}
        </Button>
      </header>
      <ul className={classes.summaryLines}>
        {linesOf(plan, decisions).map(({ key, icon, words, tone }) => (
          <li key={key} data-tone={tone}>
            <Icon name={icon} size={16} />
            {words}
          </li>
        ))}
      </ul>
    </section>
  )
}
