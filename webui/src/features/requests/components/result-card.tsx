import { Button, Paper, Title, UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import type { ActionRead, ResultRead } from '@/api/types'
import { count, slug } from '@/lib/format'
import { formatDuration } from '@/lib/time'
import { AppGlyph } from '@/ui/app-glyph'
import { ErrorNote } from '@/ui/error-note'
import { Icon } from '@/ui/icons'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import { canRetry } from '../progress'
import { ActionLine, type ActionHandlers } from './action-line'
import { Countdown } from './countdown'
import classes from './live.module.css'

export interface ResultHandlers extends ActionHandlers {
  onRetryApp: (app: string) => void
}

/** One app of a running request: state, timeline, error, what to do. A finished app folds to one line. */
export function ResultCard({ result, handlers, mayWrite, busy }: { result: ResultRead; handlers: ResultHandlers; mayWrite: boolean; busy: boolean }) {
  const id = `result-${slug(result.app)}`
  const settled = result.state === 'success' || result.state === 'cancelled'
  const sealed = result.actions.some((action) => action.first_password?.state === 'sealed')
  const [choice, setChoice] = useState<boolean | null>(null)
  const open = choice ?? (!settled || sealed)
  // Whoever works inside the card keeps it open, also when what they did finishes it.
  const onAction: ActionHandlers = {
    ...handlers,
    onPassword: (action) => {
      setChoice(true)
      handlers.onPassword(action)
    },
  }
  const retry = mayWrite && canRetry(result) && (
    <Button
      id={`${id}-retry`}
      loading={busy}
      leftSection={<Icon name="retry" size={16} />}
      onClick={() => {
        handlers.onRetryApp(result.app)
      }}
    >
      Retry {result.title}
    </Button>
  )
  // The error of an action is told at the action; the app's own is told here only when no action carries it.
  const ownError = result.error !== null && !result.actions.some((action) => action.error !== null && action.state !== 'done')

  return (
    <Paper component="section" id={id} aria-labelledby={`${id}-title`} className={classes.card} data-state={result.state}>
      <UnstyledButton
        id={`${id}-toggle`}
        className={classes.header}
        aria-expanded={open}
        aria-controls={`${id}-body`}
        onClick={() => {
          setChoice(!open)
        }}
      >
        <AppGlyph app={result.app} />
        <span className={classes.heading}>
          <Title order={2} component="span" id={`${id}-title`} className={classes.title}>
            {result.title}
          </Title>
          <span className={classes.line}>
            <Truncate text={lineOf(result)} />
          </span>
        </span>
        <StateBadge state={result.state} />
        <Icon name={open ? 'chevronDown' : 'chevronRight'} size={16} className={classes.chevron} />
      </UnstyledButton>
      {open && (
        <div id={`${id}-body`} className={classes.body}>
          {result.state === 'waiting_retry' && (
            <div className={classes.waiting}>
              <Icon name="clock" size={16} />
              <span>
                {result.waiting_reason ?? 'Waiting before the next try.'}{' '}
                {result.next_try_at !== null && (
                  <>
                    Next try <Countdown at={result.next_try_at} />.
                  </>
                )}
              </span>
            </div>
          )}
          {result.state === 'awaiting_acceptance' && (
            <div className={classes.waiting} data-tone="info">
              <Icon name="mail" size={16} />
              <span>
                The invitation waits to be accepted.{' '}
                {result.expires_at !== null && (
                  <>
                    It lapses <RelativeTime at={result.expires_at} />.
                  </>
                )}
              </span>
            </div>
          )}
          {ownError && result.error && <ErrorNote id={`${id}-error`} error={result.error} />}
          <ol className={classes.timeline} aria-label={`Actions in ${result.title}`}>
            {result.actions.map((action) => (
              <ActionLine key={action.id} app={result.app} action={action} handlers={onAction} mayWrite={mayWrite} busy={busy} />
            ))}
          </ol>
          <footer className={classes.footer}>
            {retry}
            {result.account?.url != null && (
              <Button
                id={`${id}-account`}
                component="a"
                href={result.account.url}
                target="_blank"
                rel="noreferrer"
                variant="default"
                rightSection={<Icon name="link" size={14} />}
              >
                Open in {result.title}
              </Button>
            )}
          </footer>
        </div>
      )}
    </Paper>
  )
}

function lineOf(result: ResultRead): string {
  const real = result.actions.filter((action: ActionRead) => action.kind !== 'noop')
  const parts: string[] = []
  if (result.account !== null) parts.push(result.account.label)
  if (real.length === 0 && result.actions.length > 0) parts.push('nothing to do')
  else if (real.length > 0) {
    const having = (state: string) => real.filter((action) => action.state === state).length
    parts.push(`${having('done')} of ${count(real.length, 'action')} done`)
    for (const state of ['failed', 'blocked']) if (having(state) > 0) parts.push(`${having(state)} ${state}`)
  }
  if (result.started_at !== null && result.finished_at !== null) {
    parts.push(formatDuration(new Date(result.started_at), new Date(result.finished_at)))
  }
  return parts.join(' · ')
}
