import { NumberInput } from '@mantine/core'
import type { FieldProps } from './types'

/** A number; an empty field is no number rather than zero. */
export function NumberField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  return (
    <NumberInput
      id={id}
      label={label}
      description={field.help}
      error={error}
      withAsterisk={field.required}
      value={typeof value === 'number' || typeof value === 'string' ? value : ''}
      allowDecimal={!field.integer}
      hideControls
      clampBehavior="none"
      onBlur={onBlur}
      onChange={onChange}
    />
  )
}
