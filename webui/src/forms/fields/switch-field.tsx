import { Switch } from '@mantine/core'
import type { FieldProps } from './types'

/** Yes or no. */
export function SwitchField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  return (
    <Switch
      id={id}
      label={label}
      description={field.help}
      error={error}
      checked={value === true}
      onBlur={onBlur}
      onChange={(event) => {
        onChange(event.currentTarget.checked)
      }}
    />
  )
}
