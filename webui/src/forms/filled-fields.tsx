import { ActionIcon, Button, Tooltip } from '@mantine/core'
import type { AppRead } from '@/api/types'
import { slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { beginning, fillable, filledIn } from './filling'
import { fieldId, SchemaForm } from './schema-form'
import classes from './schema-form.module.css'
import type { Values } from './values'

interface FilledFieldsProps {
  /** What the ids of the buttons begin with. */
  id: string
  app: AppRead
  values: Values
  errors: Record<string, string>
  onChange: (values: Values) => void
}

/** The fields of an app that are filled in beforehand, and a button for each that is not. */
export function FilledFields({ id, app, values, errors, onChange }: FilledFieldsProps) {
  const fields = fillable(app)
  const drawn = filledIn(fields, values)
  const others = fields.filter((field) => !(field.name in values))

  function drop(name: string) {
    const { [name]: _dropped, ...rest } = values
    onChange(rest)
  }

  return (
    <>
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
                id={`${id}-unfill-${slug(app.key)}-${slug(field.name)}`}
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
              id={`${id}-fill-${slug(app.key)}-${slug(field.name)}`}
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
    </>
  )
}
