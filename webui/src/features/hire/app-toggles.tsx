import { Switch, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import type { AppRead } from '@/api/types'
import { slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { Icon } from '@/ui/icons'
import classes from './hire.module.css'

interface AppTogglesProps {
  apps: readonly AppRead[]
  chosen: readonly string[]
  brought: readonly string[]
  broughtBy?: string
  onToggle: (app: string, on: boolean) => void
  whyNot: (app: AppRead) => string | null
}

/** More apps than this are found faster by typing. */
const FEW = 8

/** A switch for each app; one that cannot be used says why. */
export function AppToggles({ apps, chosen, brought, broughtBy, onToggle, whyNot }: AppTogglesProps) {
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  const shown = apps.filter((app) => wanted === '' || [app.title, app.key, app.summary].some((words) => words.toLowerCase().includes(wanted)))
  const on = apps.filter((app) => chosen.includes(app.key)).length
  return (
    <section aria-labelledby="apps-title">
      <div className={classes.appsHeader}>
        <Title order={2} id="apps-title">
          Apps
        </Title>
        <span className={classes.appsCount} id="apps-count" role="status">
          {on.toLocaleString('en')} of {apps.length.toLocaleString('en')} on
        </span>
        {apps.length > FEW && (
          <TextInput
            id="apps-search"
            className={classes.appsSearch}
            aria-label="Find an app"
            placeholder="Find an app"
            autoComplete="off"
            leftSection={<Icon name="search" size={16} />}
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value)
            }}
            onKeyDown={(event) => {
              // Enter looks for an app; it does not go on to the next page.
              if (event.key === 'Enter') event.preventDefault()
            }}
          />
        )}
      </div>
      {shown.length === 0 && (
        <p className={classes.noApp} role="status">
          No app is called that.
        </p>
      )}
      <ul className={classes.apps}>
        {shown.map((app) => {
          const id = `app-toggle-${slug(app.key)}`
          const reason = whyNot(app)
          const detail = reason ?? app.connection?.display_name ?? null
          const checked = chosen.includes(app.key)
          return (
            <li key={app.key} className={classes.app} data-on={checked || undefined} data-off={reason !== null || undefined}>
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
                checked={checked}
                disabled={reason !== null}
                onChange={(event) => {
                  onToggle(app.key, event.currentTarget.checked)
                }}
              />
            </li>
          )
        })}
      </ul>
    </section>
  )
}
