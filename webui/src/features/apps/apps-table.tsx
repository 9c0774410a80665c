import { Button, Switch } from '@mantine/core'
import type { AppRead } from '@/api/types'
import { fillable } from '@/forms/filling'
import { readFields } from '@/forms/schema'
import { joinWords, slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { DataTable, type Column } from '@/ui/data-table'
import { TextLink } from '@/ui/link'
import { StateBadge } from '@/ui/state-badge'
import { Truncate } from '@/ui/truncate'
import { whyNot } from './api'
import classes from './apps.module.css'

interface AppsTableProps {
  apps: readonly AppRead[] | undefined
  /** Without it the switches are shown as words. */
  onSwitch?: (app: AppRead, offered: boolean) => void
  /** Whether the reader may see connected accounts, so that what is not connected leads there. */
  mayConnect?: boolean
  /** Opens what an app is filled in with; without it nobody may change it. */
  onDefaults?: (app: AppRead) => void
  /** The app whose switch is on its way. */
  busy: string | null
}

/** The catalogue: what each app does, whether it is connected, whether it is offered, and why not. */
export function AppsTable({ apps, onSwitch, onDefaults, mayConnect = false, busy }: AppsTableProps) {
  const columns: Column<AppRead>[] = [
    { key: 'app', header: 'App', cell: (app) => <AppCell app={app} /> },
    { key: 'connection', header: 'Connected', width: '24%', cell: (app) => <ConnectionCell app={app} mayConnect={mayConnect} /> },
    {
      key: 'offered',
      header: 'New requests',
      width: '210px',
      cell: (app) => <OfferedCell app={app} busy={busy === app.key} onSwitch={onSwitch} />,
    },
    { key: 'defaults', header: 'Filled in', width: '180px', cell: (app) => <DefaultsCell app={app} onDefaults={onDefaults} /> },
  ]
  return <DataTable id="apps-table" label="Apps" columns={columns} rows={apps} rowKey={(app) => app.key} />
}

function AppCell({ app }: { app: AppRead }) {
  return (
    <div className={classes.app} id={`app-${slug(app.key)}`} data-offered={app.offered}>
      <AppGlyph app={app.key} size={32} />
      <div className={classes.words}>
        <span className={classes.title}>{app.title}</span>
        <span className={classes.muted}>{app.summary}</span>
      </div>
    </div>
  )
}

function ConnectionCell({ app, mayConnect }: { app: AppRead; mayConnect: boolean }) {
  const { connection } = app
  const state = connection?.status ?? 'disconnected'
  const reason = connection?.reason ?? null
  const name = connection?.display_name ?? null
  return (
    <div className={classes.words}>
      <StateBadge state={state} label={state === 'active' ? 'Connected' : undefined} quiet />
      {reason !== null ? <span className={classes.muted}>{reason}</span> : name !== null && <Truncate text={name} className={`${classes.muted} ${classes.name}`} />}
      {mayConnect && state !== 'active' && (
        <TextLink id={`app-connect-${slug(app.key)}`} to="/admin/connections" size="sm">
          Connected accounts
        </TextLink>
      )}
    </div>
  )
}

function OfferedCell({ app, busy, onSwitch }: { app: AppRead; busy: boolean; onSwitch?: AppsTableProps['onSwitch'] }) {
  const id = `app-offered-${slug(app.key)}`
  const note = noteOf(app)
  const words = app.offered ? 'Offered' : 'Not offered'
  return (
    <div className={classes.words}>
      {onSwitch ? (
        <Switch
          id={id}
          label={
            <>
              {words}
              <span className="visually-hidden">: {app.title}</span>
            </>
          }
          aria-describedby={note === null ? undefined : `${id}-note`}
          checked={app.offered}
          disabled={busy}
          onChange={(event) => {
            onSwitch(app, event.currentTarget.checked)
          }}
        />
      ) : (
        <span id={id}>{words}</span>
      )}
      {note !== null && (
        <span className={classes.muted} id={`${id}-note`}>
          {note}
        </span>
      )}
    </div>
  )
}

/** What requests are filled in with that say nothing about it. */
function DefaultsCell({ app, onDefaults }: { app: AppRead; onDefaults?: AppsTableProps['onDefaults'] }) {
  const names = Object.keys(app.defaults)
  const titles = readFields(app.form).filter((field) => names.includes(field.name)).map((field) => field.title)
  return (
    <div className={classes.words}>
      <span className={titles.length === 0 ? classes.muted : undefined}>{titles.length === 0 ? 'No defaults' : joinWords(titles)}</span>
      {onDefaults !== undefined && fillable(app).length > 0 && (
        <span>
          <Button
            id={`app-defaults-${slug(app.key)}`}
            variant="default"
            size="xs"
            aria-label={`Defaults of ${app.title}`}
            onClick={() => {
              onDefaults(app)
            }}
          >
            Defaults
          </Button>
        </span>
      )}
    </div>
  )
}

/** Why nobody can be given the app now; null when they can. */
function noteOf(app: AppRead): string | null {
  if (!app.offered) return app.offered_by_default ? 'Switched off here.' : 'Off at first: few plans allow it.'
  return whyNot(app) === null ? null : 'Waits for its connection.'
}
