import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { can, sessionQuery } from '@/features/session/api'
import { pages } from './pages'
import { Icon } from '@/ui/icons'
import classes from './shell.module.css'

/** The places of the app, grouped; only those that this person may open. */
export function Navigation({ rail }: { rail: boolean }) {
  const { data: session } = useQuery(sessionQuery)
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
                    >
                      <Icon name={page.icon} />
                      {!rail && page.label}
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
