import type { AppRead } from '@/api/types'
import { readFields, type FieldSpec } from './schema'
import { initialValues, type Values } from './values'

/** The fields of an app that can be filled in beforehand, none of them needed. What has one value, or none to draw, is left out. */
export function fillable(app: AppRead): FieldSpec[] {
  return readFields(app.form)
    .filter((field) => !['fixed', 'unknown', 'password'].includes(field.kind))
    .map((field) => ({ ...field, required: false }))
}

/** What a field begins with when one decides to fill it in. */
export function beginning(field: FieldSpec): unknown {
  return initialValues([field])[field.name]
}

/** Those of the fields that are filled in. */
export function filledIn(fields: readonly FieldSpec[], values: Values): FieldSpec[] {
  return fields.filter((field) => field.name in values)
}
