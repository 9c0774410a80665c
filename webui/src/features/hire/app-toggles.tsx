import { Switch } from '@mantine/core'
import type { AppRead } from '@/api/types'
import { slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import classes from './hire.module.css'

interface AppTogglesProps {
  apps: readonly AppRead[]
  chosen: readonly string[]
  brought: readonly string[]
  broughtBy?: string
  onToggle: (app: string, on: boolean) => void
  whyNot: (app: AppRead) => string | null
}

/** A switch for each app; one that cannot be used says why. */
export function AppToggles({ apps, chosen, brought, broughtBy, onToggle, whyNot }: AppTogglesProps) {
  return (
    <ul className={classes.apps}>
      {apps.map((app) => {
        const id = `app-toggle-${slug(app.key)}`
        const reason = whyNot(app)
        const detail = reason ?? app.connection?.display_name ?? null
        return (
          <li key={app.key} className={classes.app} data-off={reason !== null || undefined}>
            <AppGlyph app={app.key} size={32} />
            <label htmlFor={id} className={classes.appText}>
              <span className={classes.appTitle}>
                {app.title}
                {broughtBy !== undefined && brought.includes(app.key) && <span className={classes.from}> from {broughtBy}</span>}
              </span>
              {detail !== null && (
                <span className={classes.appDetail} id={`${id}-detail`}>
                  {detail}
                </span>
              )}
            </label>
            <Switch
              id={id}
              aria-describedby={detail === null ? undefined : `${id}-detail`}
              checked={chosen.includes(app.key)}
              disabled={reason !== null}
              onChange={(event) => {
                onToggle(app.key, event.currentTarget.checked)
              }}
            />
          </li>
        )
      })}
    </ul>
  )
}
