import { Button, Paper, Radio, Stack, Title } from '@mantine/core'
import type { ChoiceRead, PlanAppRead, SeatRead } from '@/api/types'
import { slug, count } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { ErrorNote } from '@/ui/error-note'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import { StateBadge } from '@/ui/state-badge'
import { PlannedAction } from './planned-action'
import classes from './plans.module.css'
import { appSummary, changesOf, decisionOf, destructiveCount, isSkipped, type Decisions } from './summary'

interface CardProps {
  app: PlanAppRead
  decisions: Decisions
  onDecide?: (app: string, code: string, value: string) => void
  onEdit?: (app: string) => void
}

/** What the plan does in one app. */
export function PlanAppCard({ app, decisions, onDecide, onEdit }: CardProps) {
  const id = `plan-${slug(app.app)}`
  const changes = changesOf(app)
  const skipped = isSkipped(app, decisions)
  const takes = destructiveCount(changes)
  return (
    <Paper component="section" id={id} aria-labelledby={`${id}-title`} className={classes.card}>
      <header className={classes.cardHeader}>
        <AppGlyph app={app.app} />
        <div className={classes.cardHeading}>
          <Title order={2} id={`${id}-title`}>
            {app.title}
          </Title>
          {changes.length === 0 && app.state === 'ready' && app.choices.length === 0 ? (
            <div className={classes.nothing}>
              <Icon name="done" size={16} /> Already as you want it
            </div>
          ) : (
            <div className={classes.cardSummary}>{skipped ? 'Left out of this run' : summaryLine(app)}</div>
          )}
        </div>
        {takes > 0 && !skipped && <span className={classes.takes}>{count(takes, 'removal')}</span>}
        {app.state !== 'ready' && <StateBadge state={app.state} />}
        {onEdit && (
          <Button
            id={`${id}-edit`}
            variant="subtle"
            size="compact-sm"
            aria-label={`Edit ${app.title}`}
            onClick={() => {
              onEdit(app.app)
            }}
          >
            Edit
          </Button>
        )}
      </header>
      <Stack gap="sm" className={classes.cardBody}>
        {app.error != null && <ErrorNote id={`${id}-error`} error={app.error} />}
        {app.choices.map((choice) => (
          <Choice
            key={choice.code}
            id={`${id}-${slug(choice.code)}`}
            choice={choice}
            selected={decisionOf(app, choice.code, decisions)}
            onSelect={
              onDecide &&
              ((value) => {
                onDecide(app.app, choice.code, value)
              })
            }
          />
        ))}
        {app.warnings.length > 0 && (
          <Note tone="warn">
            <ul className={classes.warnings} aria-label={`Warnings for ${app.title}`}>
              {app.warnings.map((warning, index) => (
                <li key={`${warning.code}-${index}`}>{warning.message}</li>
              ))}
            </ul>
          </Note>
        )}
        {changes.length > 0 && (
          <ul className={classes.actions} data-skipped={skipped || undefined} aria-label={`Actions in ${app.title}`}>
            {changes.map((action) => (
              <PlannedAction key={action.key} app={app.app} action={action} />
            ))}
          </ul>
        )}
        {app.seats.length > 0 && !skipped && (
          <ul className={classes.seats} aria-label={`Seats in ${app.title}`}>
            {app.seats.map((seat) => (
              <li key={seat.key} data-short={(seat.left ?? 0) < 0 || undefined}>
                <span>{seat.name}</span>
                <span className="tabular">{seatLine(seat)}</span>
              </li>
            ))}
          </ul>
        )}
      </Stack>
    </Paper>
  )
}

function summaryLine(app: PlanAppRead): string {
  if (app.state === 'planning') return 'Reading what is there now'
  if (app.state === 'failed') return 'No plan could be made'
  if (app.actions.length === 0 && app.choices.length > 0) return 'Waits for your decision'
  return appSummary(app)
}

function seatLine({ free, needed, reserved, left }: SeatRead): string {
  if (free === null || left === null) return `uses ${count(needed, 'seat')}`
  const others = reserved > 0 ? `, ${reserved.toLocaleString('en')} for others` : ''
  if (left < 0) return `needs ${count(needed, 'seat')}, ${Math.max(free, 0).toLocaleString('en')} free${others}`
  return reserved > 0 ? `${count(left, 'seat')} left after this and ${reserved.toLocaleString('en')} for others` : `${count(left, 'seat')} left after this`
}

function Choice({ id, choice, selected, onSelect }: { id: string; choice: ChoiceRead; selected: string | null; onSelect?: (value: string) => void }) {
  return (
    <div className={classes.choice} data-open={selected === null || undefined}>
      <Radio.Group id={id} name={id} label={choice.message} value={selected ?? ''} onChange={onSelect}>
        <Stack gap={8} mt={8}>
          {choice.options.map((option) => (
            <Radio
              key={option.value}
              id={`${id}-${slug(option.value)}`}
              value={option.value}
              label={option.label}
              disabled={onSelect === undefined}
            />
          ))}
        </Stack>
      </Radio.Group>
    </div>
  )
}
