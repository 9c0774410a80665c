import { Button, Paper, Title, UnstyledButton } from '@mantine/core'
import type { ActionRead, ResultRead } from '@/api/types'
import { slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { ErrorNote } from '@/ui/error-note'
import { Icon } from '@/ui/icons'
import { TextLink } from '@/ui/link'
import { StateBadge } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import type { Acting } from '../acting'
import { canRetry, lineOf } from '../progress'
import { ActionLine } from './action-line'
import { Countdown } from './countdown'
import { DoneRun, runsOf } from './done-run'
import classes from './live.module.css'

interface ResultCardProps {
  result: ResultRead
  acting: Acting
  open: boolean
  /** Several done actions in a row are one line: where there are many apps. */
  brief?: boolean
  onOpen: (open: boolean) => void
}

const ACCOUNTS = 'Connected accounts'

/** A sentence in which the name of the page that helps is a link to it. */
function PagesLinked({ id, text }: { id: string; text: string }) {
  const [before, ...after] = text.split(ACCOUNTS)
  if (after.length === 0) return text
  return (
    <>
      {before}
      <TextLink id={id} to="/admin/connections" inherit>
        {ACCOUNTS}
      </TextLink>
      {after.join(ACCOUNTS)}
    </>
  )
}

/** One app of a running request: state, timeline, error, what to do. Folded it is one line. */
export function ResultCard({ result, acting, open, brief = false, onOpen }: ResultCardProps) {
  const id = `result-${slug(result.app)}`
  // Whoever works inside the card keeps it open, also when what they did finishes it.
  const inside: Acting = {
    ...acting,
    run: (act) => {
      onOpen(true)
      acting.run(act)
    },
    open: (dialog, action) => {
      onOpen(true)
      acting.open(dialog, action)
    },
  }
  // The error of an action is told at the action; the app's own is told here only when no action carries it.
  const ownError = result.error !== null && !result.actions.some((action) => action.error !== null && action.state !== 'done')
  const line = (action: ActionRead) => (
    <ActionLine key={action.id} app={result.app} title={result.title} action={action} acting={inside} told={held} />
  )
  const held = result.state === 'waiting_retry' ? (result.waiting_reason ?? 'Waiting before the next try.') : null

  return (
    <Paper component="section" id={id} aria-labelledby={`${id}-title`} className={classes.card} data-state={result.state} data-brief={brief || undefined}>
      <UnstyledButton
        id={`${id}-toggle`}
        className={classes.header}
        aria-expanded={open}
        aria-controls={`${id}-body`}
        onClick={() => {
          onOpen(!open)
        }}
      >
        <AppGlyph app={result.app} />
        <span className={classes.heading}>
          <Title order={2} component="span" id={`${id}-title`} className={classes.title}>
            {result.title}
          </Title>
          <span className={classes.line}>
            <Truncate text={lineOf(result, open, brief && !open)} />
            {!open && held !== null && result.next_try_at !== null && (
              <span>
                Next try <Countdown at={result.next_try_at} />
              </span>
            )}
          </span>
        </span>
        <StateBadge state={result.state} />
        <Icon name={open ? 'chevronDown' : 'chevronRight'} size={16} className={classes.chevron} />
      </UnstyledButton>
      {open && (
        <div id={`${id}-body`} className={classes.body}>
          {held !== null && (
            <div className={classes.waiting} id={`${id}-next-try`}>
              <Icon name="clock" size={16} />
              <span>
                <PagesLinked id={`${id}-accounts`} text={held} />{' '}
                {result.next_try_at !== null && (
                  <>
                    Next try <Countdown at={result.next_try_at} withMoment />.
                  </>
                )}
              </span>
            </div>
          )}
          {ownError && result.error && <ErrorNote id={`${id}-error`} error={result.error} />}
          <ol className={classes.timeline} aria-label={`Actions in ${result.title}`}>
            {runsOf(result.actions, brief).map((run) =>
              run.length > 1 ? (
                <DoneRun key={run[0]?.id} app={result.app} run={run}>
                  {run.map(line)}
                </DoneRun>
              ) : (
                run.map(line)
              ),
            )}
          </ol>
          <footer className={classes.footer}>
            {acting.mayWrite && canRetry(result) && (
              <Button
                id={`${id}-retry`}
                loading={acting.isBusy('retry-app', result.app)}
                leftSection={<Icon name="retry" size={16} />}
                onClick={() => {
                  inside.run({ what: 'retry-app', app: result.app })
                }}
              >
                Retry {result.title}
              </Button>
            )}
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
