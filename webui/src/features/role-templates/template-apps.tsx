import { Switch } from '@mantine/core'
import type { AppRead } from '@/api/types'
import { FilledFields } from '@/forms/filled-fields'
import { errorsUnder } from '@/forms/validate'
import { slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { Note } from '@/ui/note'
import type { TemplateDraft } from './draft'
import classes from './role-templates.module.css'

interface TemplateAppsProps {
  apps: readonly AppRead[]
  chosen: TemplateDraft['apps']
  onChange: (apps: TemplateDraft['apps']) => void
  /** Why an app would be left out now, or null. */
  whyNot: (app: AppRead) => string | null
  /** Messages by path, from here and from the server. */
  errors: Readonly<Record<string, string>>
}

/** A switch for each app, and below it the fields that the template fills in; the others are asked each time. */
export function TemplateApps({ apps, chosen, onChange, whyNot, errors }: TemplateAppsProps) {
  const shown = apps.filter((app) => app.offered || app.key in chosen)

  function toggle(app: string, on: boolean) {
    const { [app]: _dropped, ...others } = chosen
    onChange(on ? { ...others, [app]: {} } : others)
  }

  return (
    <>
      {errors.apps !== undefined && (
        <Note tone="bad" role="alert" id="template-apps-error">
          {errors.apps}
        </Note>
      )}
      <ul className={classes.apps}>
        {shown.map((app) => {
          const id = `template-app-${slug(app.key)}`
          const values = chosen[app.key]
          const reason = whyNot(app)
          return (
            <li key={app.key} className={classes.app}>
              <div className={classes.appHeader}>
                <AppGlyph app={app.key} size={32} />
                <label htmlFor={id} className={classes.appWords}>
                  <span className={classes.appTitle}>{app.title}</span>
                  {reason !== null && (
                    <span className={classes.muted} id={`${id}-detail`}>
                      {values === undefined ? reason : `Left out for now: ${reason}`}
                    </span>
                  )}
                </label>
                <Switch
                  id={id}
                  checked={values !== undefined}
                  aria-describedby={reason === null ? undefined : `${id}-detail`}
                  onChange={(event) => {
                    toggle(app.key, event.currentTarget.checked)
                  }}
                />
              </div>
              {values !== undefined && (
                <div className={classes.appBody}>
                  <FilledFields
                    id="template"
                    app={app}
                  values={values}
                  errors={errorsUnder(errors, `apps.${app.key}`)}
                  onChange={(next) => {
                    onChange({ ...chosen, [app.key]: next })
                    }}
                  />
                </div>
              )}
            </li>
          )
        })}
      </ul>
    </>
  )
}
