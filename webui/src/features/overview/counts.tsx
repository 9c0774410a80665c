import { Link } from '@tanstack/react-router'
import { slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { lookOf } from '@/ui/state-badge'
import classes from './overview.module.css'

const SHOWN = ['running', 'completed', 'partial', 'failed']

/** How many requests ended how, in a span of time; each leads to the list of them. */
export function Counts({ title, counts, from }: { title: string; counts: Readonly<Record<string, number>>; from: string }) {
  const id = `counts-${slug(title)}`
  return (
    <section aria-labelledby={id} className={classes.span}>
      <h2 id={id} className={classes.spanTitle}>
        {title}
      </h2>
      <ul className={classes.counts}>
        {SHOWN.map((state) => {
          const look = lookOf(state)
          const n = counts[state] ?? 0
          return (
            <li key={state}>
              <Link id={`${id}-${state}`} to="/requests" search={{ state, from }} className={classes.count} data-tone={n > 0 ? look.tone : 'neutral'}>
                <span className={classes.number}>{n.toLocaleString('en')}</span>
                <span className={classes.countWord}>
                  <Icon name={look.icon} size={14} /> {look.label}
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
