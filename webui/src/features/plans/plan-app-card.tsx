import { Button, Paper, Stack, Title, UnstyledButton } from '@mantine/core'
import type { PlanAppRead, SeatRead } from '@/api/types'
import { slug, count } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { ErrorNote } from '@/ui/error-note'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import { StateBadge } from '@/ui/state-badge'
import { PlanChoice } from './plan-choice'
import { PlannedAction } from './planned-action'
import classes from './plans.module.css'
import { appSummary, changesOf, decisionOf, destructiveCount, isSkipped, type Decisions } from './summary'

interface CardProps {
  app: PlanAppRead
  decisions: Decisions
  open: boolean
  /** Without it the card cannot be folded. */
  onOpen?: (open: boolean) => void
  onDecide?: (app: string, code: string, value: string) => void
  onEdit?: (app: string) => void
}

/** What the plan does in one app. */
export function PlanAppCard({ app, decisions, open, onOpen, onDecide, onEdit }: CardProps) {
  const id = `plan-${slug(app.app)}`
  const skipped = isSkipped(app, decisions)
  const takes = destructiveCount(changesOf(app))
  const asks = app.choices.some((choice) => decisionOf(app, choice.code, decisions) === null)
  const heading = <Heading id={id} app={app} skipped={skipped} />
  return (
    <Paper component="section" id={id} aria-labelledby={`${id}-title`} className={classes.card} data-folded={!open || undefined}>
      <header className={classes.cardHeader}>
        {onOpen ? (
          <UnstyledButton
            id={`${id}-toggle`}
            className={classes.cardToggle}
            aria-expanded={open}
            aria-controls={`${id}-body`}
            onClick={() => {
              onOpen(!open)
            }}
          >
            <Icon name={open ? 'chevronDown' : 'chevronRight'} size={16} className={classes.chevron} />
            {heading}
          </UnstyledButton>
        ) : (
          heading
        )}
        {takes > 0 && !skipped && <span className={classes.takes}>{count(takes, 'removal')}</span>}
        {app.state !== 'ready' && (app.state !== 'needs_decision' || asks) && <StateBadge state={app.state} />}
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
      {open && <Body id={id} app={app} skipped={skipped} decisions={decisions} onDecide={onDecide} />}
    </Paper>
  )
}

function Heading({ id, app, skipped }: { id: string; app: PlanAppRead; skipped: boolean }) {
  const same = changesOf(app).length === 0 && app.state === 'ready' && app.choices.length === 0
  return (
    <>
      <AppGlyph app={app.app} />
      <span className={classes.cardHeading}>
        <Title order={2} component="span" id={`${id}-title`} className={classes.cardTitle}>
          {app.title}
        </Title>
        {same ? (
          <span className={classes.nothing}>
            <Icon name="done" size={16} /> Already as you want it
          </span>
        ) : (
          <span className={classes.cardSummary}>{skipped ? 'Left out of this run' : summaryLine(app)}</span>
        )}
      </span>
    </>
  )
}

interface BodyProps extends Pick<CardProps, 'app' | 'decisions' | 'onDecide'> {
  id: string
  skipped: boolean
}

function Body({ id, app, skipped, decisions, onDecide }: BodyProps) {
  const changes = changesOf(app)
  return (
    <Stack gap="sm" className={classes.cardBody} id={`${id}-body`}>
      {app.error != null && <ErrorNote id={`${id}-error`} error={app.error} />}
      {app.choices.map((choice) => (
        <PlanChoice
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
