import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { NotificationHealthRead, SubscriptionRead } from '@/api/types'
import { count } from '@/lib/format'
import { useNow } from '@/lib/use-now'
import { Icon, type IconName } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { RelativeTime } from '@/ui/time'
import type { Tone } from '@/ui/tone'
import classes from './notifications.module.css'
import { findingsOf, watchedCounts } from './verdict'
import { resourceWords } from './words'

/** How many problems are told one by one before the rest is counted. */
const SHOWN = 3

/** What is wrong and what to do, the worst first; one quiet line where all is well. */
export function Findings({ health, onOpen }: { health: NotificationHealthRead; onOpen: (subscription: SubscriptionRead) => void }) {
  const now = useNow(30_000)
  const findings = findingsOf(health, now)
  const rest = health.problems.length - SHOWN
  const { wanted, active } = watchedCounts(health)
  if (findings.length === 0 && health.problems.length === 0) {
    return (
      <Note tone={active === wanted ? 'ok' : 'info'} id="notifications-well" role="status" title={active === wanted ? 'All is well' : 'Being set up'}>
        {active === wanted
          ? `${count(active, 'subscription')} ${active === 1 ? 'is' : 'are'} active at Microsoft, and nothing waits for you.`
          : `${active.toLocaleString('en')} of ${count(wanted, 'subscription')} ${active === 1 ? 'is' : 'are'} active at Microsoft; the rest follows by itself.`}
      </Note>
    )
  }
  return (
    <>
      {health.problems.slice(0, SHOWN).map((one) => (
        <Problem key={one.id} subscription={one} onOpen={onOpen} />
      ))}
      {rest > 0 && (
        <Note tone="bad" id="notifications-more-problems" title={`${count(rest, 'more subscription')} ${rest === 1 ? 'has' : 'have'} a problem`}>
          Each says below what to do.
        </Note>
      )}
      {findings.map(({ id, tone, title, text, view, state }) => (
        <Note
          key={id}
          id={`notifications-${id}`}
          tone={tone}
          role="status"
          title={title}
          actions={
            view !== undefined && (
              <ButtonLink id={`notifications-${id}-open`} to="/admin/notifications" search={{ view, state }} variant="default" size="xs">
                {view === 'gaps' ? 'Show the gaps' : 'Show what it is about'}
              </ButtonLink>
            )
          }
        >
          {text}
        </Note>
      ))}
    </>
  )
}

function Problem({ subscription, onOpen }: { subscription: SubscriptionRead; onOpen: (subscription: SubscriptionRead) => void }) {
  const { id, problem, resource } = subscription
  if (problem === null) return null
  return (
    <Note
      tone={subscription.state === 'active' ? 'warn' : 'bad'}
      id={`problem-${id}`}
      role="status"
      title={`${resourceWords(resource)}: ${problem.message}`}
      actions={
        <>
          {problem.link !== null && (
            <Button id={`problem-${id}-link`} component="a" href={problem.link} target="_blank" rel="noreferrer" variant="default" size="xs" rightSection={<Icon name="link" size={14} />}>
              Open at Microsoft
            </Button>
          )}
          <Button id={`problem-${id}-open`} variant="default" size="xs" aria-haspopup="dialog" onClick={() => { onOpen(subscription) }}>
            Open the subscription
          </Button>
        </>
      }
    >
      {problem.remedy}
      {problem.since !== null && (
        <span className={classes.muted}>
          {' '}
          Since <RelativeTime at={problem.since} />.
        </span>
      )}
    </Note>
  )
}

function lagWords(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60).toLocaleString('en')} min`
}

/** The figures: what is watched, when something came last, what waits, what failed. */
export function HealthTiles({ health }: { health: NotificationHealthRead }) {
  const { wanted, active } = watchedCounts(health)
  const of = (state: string) => health.notifications[state] ?? 0
  return (
    <ul className={classes.tiles} id="notifications-tiles" aria-label="Figures">
      <Tile id="watched" name="Active" tone={active < wanted ? 'warn' : 'ok'} icon={active < wanted ? 'warning' : 'done'} value={`${active.toLocaleString('en')} of ${wanted.toLocaleString('en')}`} />
      <Tile id="last" name="Last notification" value={health.last_event_at === null ? 'None yet' : <RelativeTime at={health.last_event_at} />} />
      <Tile id="hour" name="In the last hour" value={health.received_last_hour.toLocaleString('en')} />
      <Tile id="lag" name="Done within" value={health.lag_seconds === null ? '–' : lagWords(health.lag_seconds)} hint="95 of 100 in the last hour" />
      <Tile id="waiting" name="Waiting" value={of('queued').toLocaleString('en')} />
      <Tile id="retrying" name="Will try again" tone={of('retrying') > 0 ? 'warn' : undefined} icon={of('retrying') > 0 ? 'retry' : undefined} value={of('retrying').toLocaleString('en')} to={{ view: 'events', state: 'retrying' }} />
      <Tile id="dead" name="Given up" tone={of('dead') > 0 ? 'bad' : undefined} icon={of('dead') > 0 ? 'alert' : undefined} value={of('dead').toLocaleString('en')} to={{ view: 'dead' }} />
      <Tile id="gaps" name="Open gaps" tone={health.open_gaps > 0 ? 'info' : undefined} icon={health.open_gaps > 0 ? 'half' : undefined} value={health.open_gaps.toLocaleString('en')} to={{ view: 'gaps' }} />
    </ul>
  )
}

interface TileProps {
  id: string
  name: string
  value: ReactNode
  hint?: string
  tone?: Tone
  icon?: IconName
  to?: { view: 'events' | 'dead' | 'gaps'; state?: string }
}

function Tile({ id, name, value, hint, tone, icon, to }: TileProps) {
  const label = (
    <>
      {icon && <Icon name={icon} size={14} />} {name}
    </>
  )
  return (
    <li className={classes.tile} data-tone={tone} id={`tile-${id}`}>
      {to ? (
        <Link id={`tile-${id}-open`} to="/admin/notifications" search={to} className={classes.tileName}>
          {label}
        </Link>
      ) : (
        <span className={classes.tileName}>{label}</span>
      )}
      <span className={classes.tileValue}>{value}</span>
      {hint !== undefined && <span className={classes.muted}>{hint}</span>}
    </li>
  )
}
