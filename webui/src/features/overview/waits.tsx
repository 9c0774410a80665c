import { Link } from '@tanstack/react-router'
import type { WaitsRead } from '@/api/types'
import { joinWords } from '@/lib/format'
import { Icon, type IconName } from '@/ui/icons'
import type { Tone } from '@/ui/tone'
import classes from './overview.module.css'

interface Entry {
  key: string
  n: number
  words: string
  icon: IconName
  tone: Tone
}

function entriesOf({ mine, tasks, invitations }: WaitsRead): Entry[] {
  const all = tasks.reduce((sum, { tasks: n }) => sum + n, 0)
  const nobodys = tasks.find(({ assignee }) => assignee === null)?.tasks ?? 0
  return [
    { key: 'me', n: mine, words: mine === 1 ? 'Task of yours' : 'Tasks of yours', icon: 'task', tone: 'warn' },
    { key: 'nobody', n: nobodys, words: nobodys === 1 ? 'Task not taken yet' : 'Tasks not taken yet', icon: 'alert', tone: 'warn' },
    { key: 'person', n: all, words: all === 1 ? 'Task in all' : 'Tasks in all', icon: 'people', tone: 'neutral' },
    { key: 'invited', n: invitations, words: invitations === 1 ? 'Invitation out' : 'Invitations out', icon: 'mail', tone: 'info' },
  ]
}

/** What waits for whom; each number leads to the requests it counts. Nothing where nothing waits. */
export function Waits({ waits, me }: { waits: WaitsRead; me: string | null }) {
  const entries = entriesOf(waits)
  if (entries.every(({ n }) => n === 0)) return null
  const others = waits.tasks.flatMap(({ assignee, tasks }) => (assignee === null || assignee.id === me ? [] : [`${assignee.name} has ${tasks.toLocaleString('en')}`]))
  return (
    <section className={classes.waits} aria-labelledby="waits-title" id="waits">
      <h2 className={classes.spanTitle} id="waits-title">
        Waits for somebody
      </h2>
      <ul className={classes.counts}>
        {entries.map(({ key, n, words, icon, tone }) => (
          <li key={key}>
            <Link id={`waits-${key}`} to="/requests" search={{ waiting_for: key }} className={classes.count} data-tone={n > 0 ? tone : 'neutral'}>
              <span className={classes.number}>{n.toLocaleString('en')}</span>
              <span className={classes.countWord}>
                <Icon name={icon} size={14} /> {words}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {others.length > 0 && <p className={classes.owners}>{joinWords(others)}.</p>}
    </section>
  )
}
