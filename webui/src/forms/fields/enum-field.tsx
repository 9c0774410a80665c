import { NativeSelect } from '@mantine/core'
import type { FieldProps } from './types'

/** One of a few fixed values. */
export function EnumField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  const empty = field.required && field.default !== undefined ? [] : [{ value: '', label: 'Choose…' }]
  return (
    <NativeSelect
      id={id}
      label={label}
      description={field.help}
      error={error}
      withAsterisk={field.required}
      value={typeof value === 'string' ? value : ''}
      data={[...empty, ...field.choices]}
      onBlur={onBlur}
      onChange={(event) => {
        onChange(event.currentTarget.value)
      }}
    />
  )
}
