import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { overviewQuery } from '@/features/overview/api'
import { can, sessionQuery } from '@/features/session/api'
import { pages } from './pages'
import { Icon } from '@/ui/icons'
import classes from './shell.module.css'

/** The places of the app, grouped; only those that this person may open. */
export function Navigation({ rail }: { rail: boolean }) {
  const { data: session } = useQuery(sessionQuery)
  const mine = useMine(can(session, 'requests:read'))
  const open = pages.filter((page) => can(session, page.permission))
  const groups = [...new Set(open.map((page) => page.group))]
  return (
    <>
      {groups.map((group) => (
        <div key={group}>
          {!rail && (
            <div className={classes.group} id={`nav-group-${group.toLowerCase()}`}>
              {group}
            </div>
          )}
          <ul className={classes.list} aria-label={group}>
            {open
              .filter((page) => page.group === group)
              .map((page) => (
                <li key={page.to}>
                  <Tooltip label={page.label} position="right" disabled={!rail}>
                    <Link
                      id={page.id}
                      to={page.to}
                      className={classes.item}
                      data-rail={rail || undefined}
                      activeOptions={{ exact: page.to === '/', includeSearch: false }}
                      aria-label={rail ? page.label : undefined}
                      aria-describedby={rail && page.id === 'nav-requests' && mine > 0 ? 'nav-requests-mine' : undefined}
                    >
                      <Icon name={page.icon} />
                      {!rail && <span className={classes.itemLabel}>{page.label}</span>}
                      {page.id === 'nav-requests' && mine > 0 && <Mine n={mine} rail={rail} />}
                    </Link>
                  </Tooltip>
                </li>
              ))}
          </ul>
        </div>
      ))}
    </>
  )
}

/** How many tasks wait for the reader. */
function useMine(enabled: boolean): number {
  const { data } = useQuery({ ...overviewQuery, select: (overview) => overview.waiting_for.mine, refetchInterval: 60_000, enabled })
  return data ?? 0
}

function Mine({ n, rail }: { n: number; rail: boolean }) {
  const words = `${n.toLocaleString('en')} ${n === 1 ? 'task waits' : 'tasks wait'} for you`
  return (
    <span className={classes.mine} data-rail={rail || undefined} title={words}>
      <span aria-hidden="true">{rail ? '' : n > 99 ? '99+' : n}</span>
      <span id="nav-requests-mine" className="visually-hidden">
        {words}
      </span>
    </span>
  )
}
