import { Skeleton } from '@mantine/core'
import { lazy, Suspense, type ComponentType } from 'react'
import { ChoicesField } from './fields/choices-field'
import { EnumField } from './fields/enum-field'
import { FixedField } from './fields/fixed-field'
import { OptionField } from './fields/option-field'
import { OptionsField } from './fields/options-field'
import { StringsField } from './fields/strings-field'
import { SwitchField } from './fields/switch-field'
import { TextField } from './fields/text-field'
import type { FieldProps } from './fields/types'
import { UnknownField } from './fields/unknown-field'
import type { FieldSpec } from './schema'

// Heavy, and few forms ask for a number.
const NumberField = lazy(() => import('./fields/number-field').then((module) => ({ default: module.NumberField })))

const FIELDS: Record<FieldSpec['kind'], ComponentType<FieldProps>> = {
  text: TextField,
  email: TextField,
  date: TextField,
  password: TextField,
  number: NumberField,
  switch: SwitchField,
  enum: EnumField,
  choices: ChoicesField,
  fixed: FixedField,
  option: OptionField,
  options: OptionsField,
  strings: StringsField,
  unknown: UnknownField,
}

/** Draws a field by its kind. */
export function Field(props: FieldProps) {
  const Drawn = FIELDS[props.field.kind]
  return (
    <Suspense fallback={<Skeleton height={60} />}>
      <Drawn {...props} />
    </Suspense>
  )
}
