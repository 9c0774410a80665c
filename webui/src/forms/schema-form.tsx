import { Stack } from '@mantine/core'
import { useMemo, useState, type ReactNode } from 'react'
import { slug } from '@/lib/format'
import { Note } from '@/ui/note'
import { Field } from './field'
import type { FieldSpec } from './schema'
import { FormApp } from './use-options'
import { problemOf, type FieldErrors } from './validate'
import { isChanged, isShown, type Values } from './values'
import classes from './schema-form.module.css'

interface SchemaFormProps {
  /** The app whose form this is; also the first part of each field's id. */
  app: string
  fields: readonly FieldSpec[]
  values: Values
  onChange: (name: string, value: unknown) => void
  /** What the server said, by field; the empty name is about the whole form. */
  serverErrors?: FieldErrors
  /** Show what is wrong in fields that nobody has touched yet. */
  showAll?: boolean
  /** Words for values that were chosen elsewhere, until the vendor's own list names them. */
  labels?: Readonly<Record<string, string>>
  /** Words beside a field's title that tell where its value comes from, or nothing; they take the place of “changed”. */
  marks?: Readonly<Record<string, string>>
  /** A control of its own at the right of each field. */
  aside?: (field: FieldSpec) => ReactNode
}

const NONE = {}

/** The id of a field's control. */
export function fieldId(app: string, name: string): string {
  return `field-${slug(app)}-${slug(name)}`
}

/** Puts the keyboard at a field's control, or at the first one of a group. */
export function focusField(app: string, name: string): void {
  const place = document.getElementById(fieldId(app, name))
  const control = place?.matches('input, select, textarea') === true ? place : place?.querySelector<HTMLElement>('input, select, textarea')
  control?.focus()
}

/** A form made of a provider's fields: labels above, help below, errors beside the field in words. */
export function SchemaForm({ app, fields, values, onChange, serverErrors = {}, showAll = false, labels = NONE, marks = NONE, aside }: SchemaFormProps) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const about = useMemo(() => ({ app, labels }), [app, labels])
  return (
    <FormApp.Provider value={about}>
      <Stack gap="lg">
        {serverErrors[''] !== undefined && (
          <Note tone="bad" role="alert">
            {serverErrors['']}
          </Note>
        )}
        {fields.filter((field) => isShown(field, values) || serverErrors[field.name] !== undefined).map((field) => {
          const value = values[field.name]
          const own = showAll || touched.has(field.name) ? problemOf(field, value) : null
          const changed = field.default !== undefined && field.default !== null && isChanged(field, value)
          const mark = marks[field.name] ?? (changed ? 'changed' : undefined)
          const drawn = (
            <Field
              key={field.name}
              id={fieldId(app, field.name)}
              field={field}
              value={value}
              error={serverErrors[field.name] ?? own ?? undefined}
              label={
                <>
                  {field.title}
                  {mark !== undefined && mark !== '' && <span className={classes.changed}> {mark}</span>}
                </>
              }
              onChange={(next) => {
                onChange(field.name, next)
              }}
              onBlur={() => {
                setTouched((before) => (before.has(field.name) ? before : new Set([...before, field.name])))
              }}
            />
          )
          if (aside === undefined) return drawn
          return (
            <div key={field.name} className={classes.row}>
              <div className={classes.field}>{drawn}</div>
              {aside(field)}
            </div>
          )
        })}
      </Stack>
    </FormApp.Provider>
  )
}
