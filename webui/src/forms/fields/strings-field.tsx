import { TagsInput } from '@mantine/core'
import { keysOf } from '../values'
import type { FieldProps } from './types'

/** A list of free texts: typed one by one, or pasted with commas between. */
export function StringsField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  return (
    <TagsInput
      id={id}
      label={label}
      description={field.help}
      error={error}
      withAsterisk={field.required}
      value={keysOf(value)}
      splitChars={[',', ';']}
      placeholder="Type and press Enter"
      onBlur={onBlur}
      onChange={onChange}
    />
  )
}
