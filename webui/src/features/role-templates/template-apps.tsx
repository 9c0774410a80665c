import { ActionIcon, Button, Switch, Tooltip } from '@mantine/core'
import type { AppRead } from '@/api/types'
import { fieldId, SchemaForm } from '@/forms/schema-form'
import { errorsUnder } from '@/forms/validate'
import type { Values } from '@/forms/values'
import { slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import { beginning, fillable, filledIn, type TemplateDraft } from './draft'
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
                <AppFields
                  app={app}
                  values={values}
                  errors={errorsUnder(errors, `apps.${app.key}`)}
                  onChange={(next) => {
                    onChange({ ...chosen, [app.key]: next })
                  }}
                />
              )}
            </li>
          )
        })}
      </ul>
    </>
  )
}

function AppFields({ app, values, errors, onChange }: { app: AppRead; values: Values; errors: Record<string, string>; onChange: (values: Values) => void }) {
  const fields = fillable(app)
  const drawn = filledIn(fields, values)
  const others = fields.filter((field) => !(field.name in values))

  function drop(name: string) {
    const { [name]: _dropped, ...rest } = values
    onChange(rest)
  }

  return (
    <div className={classes.appBody}>
      {drawn.length > 0 && (
        <SchemaForm
          app={app.key}
          fields={drawn}
          values={values}
          serverErrors={errors}
          marks={Object.fromEntries(drawn.map((field) => [field.name, '']))}
          onChange={(name, value) => {
            onChange({ ...values, [name]: value })
          }}
          aside={(field) => (
            <Tooltip label="Do not fill in">
              <ActionIcon
                id={`template-unfill-${slug(app.key)}-${slug(field.name)}`}
                aria-label={`Do not fill in ${field.title}`}
                onClick={() => {
                  drop(field.name)
                }}
              >
                <Icon name="cross" size={16} />
              </ActionIcon>
            </Tooltip>
          )}
        />
      )}
      {others.length > 0 && (
        <div className={classes.more}>
          <span className={classes.moreTitle}>{drawn.length === 0 ? 'Nothing is filled in. Fill in' : 'Fill in also'}</span>
          {others.map((field) => (
            <Button
              key={field.name}
              id={`template-fill-${slug(app.key)}-${slug(field.name)}`}
              variant="default"
              size="xs"
              aria-label={`Fill in ${field.title}`}
              leftSection={<Icon name="plus" size={14} />}
              onClick={() => {
                onChange({ ...values, [field.name]: beginning(field) })
                window.requestAnimationFrame(() => document.getElementById(fieldId(app.key, field.name))?.focus())
              }}
            >
              {field.title}
            </Button>
          ))}
        </div>
      )}
    </div>
  )
}
