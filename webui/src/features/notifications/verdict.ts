import type { NotificationHealthRead } from '@/api/types'
import { count } from '@/lib/format'
import type { Tone } from '@/ui/tone'
import type { View } from './filters'

export interface Finding {
  id: string
  tone: Tone
  title: string
  text: string
  /** Where to look. */
  view?: View
  state?: string
  open?: string
}

const LATE_MS = 5 * 60_000

/** How many that are wanted, by health. */
export function watchedCounts({ subscriptions }: Pick<NotificationHealthRead, 'subscriptions'>): { wanted: number; active: number } {
  const of = (state: string) => subscriptions[state] ?? 0
  const active = of('active')
  return { wanted: active + of('creating') + of('failing') + of('lapsed'), active }
}

/** What somebody should know beyond the subscriptions' own problems, the worst first; in plain words, with what to do. */
export function findingsOf(health: NotificationHealthRead, now: Date): Finding[] {
  const found: Finding[] = []
  const waited = health.oldest_waiting_at === null ? 0 : now.getTime() - new Date(health.oldest_waiting_at).getTime()
  const waiting = (health.notifications.queued ?? 0) + (health.notifications.retrying ?? 0)
  const dead = health.notifications.dead ?? 0
  const lapsed = health.subscriptions.lapsed ?? 0
  const explained = health.problems.filter(({ state }) => state === 'lapsed').length
  if (waited > LATE_MS && waiting > 0) {
    found.push({
      id: 'late',
      tone: 'bad',
      title: `${count(waiting, 'notification')} ${waiting === 1 ? 'waits' : 'wait'} for more than five minutes`,
      text: 'The workers are not running, are busy with something else, or Microsoft refuses to be read. Start more workers, or look at what will be tried again. Nothing that waits is lost.',
      view: 'events',
      state: (health.notifications.retrying ?? 0) > 0 ? 'retrying' : 'queued',
    })
  }
  if (dead > 0) {
    found.push({
      id: 'dead',
      tone: 'bad',
      title: `${count(dead, 'notification')} ${dead === 1 ? 'was' : 'were'} given up after three tries`,
      text: 'Read why, mend the cause, then replay. That reads at Microsoft anew and has no second effect.',
      view: 'dead',
    })
  }
  if (lapsed > explained) {
    found.push({
      id: 'lapsed',
      tone: 'warn',
      title: `${count(lapsed - explained, 'subscription')} ${lapsed - explained === 1 ? 'is' : 'are'} not at Microsoft just now`,
      text: 'OneClick makes them anew by itself, and reads what was missed. Nothing to do, unless it stays so.',
    })
  }
  if (health.open_gaps > 0) {
    found.push({
      id: 'gaps',
      tone: 'info',
      title: `${count(health.open_gaps, 'gap')} ${health.open_gaps === 1 ? 'is' : 'are'} being closed`,
      text: 'Something may have been missed there. What changed is being read; each gap says by what it was closed.',
      view: 'gaps',
      state: 'open',
    })
  }
  return found
}
