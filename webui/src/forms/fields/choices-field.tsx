import { Checkbox, Stack } from '@mantine/core'
import { slug } from '@/lib/format'
import { keysOf } from '../values'
import type { FieldProps } from './types'

/** Several of a few fixed values. */
export function ChoicesField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  return (
    <Checkbox.Group
      id={id}
      label={label}
      description={field.help}
      error={error}
      withAsterisk={field.required}
      value={keysOf(value)}
      onChange={(chosen) => {
        // In the order of the form, so that the same choice is the same value.
        onChange(field.choices.map((choice) => choice.value).filter((one) => chosen.includes(one)))
      }}
    >
      <Stack gap={8} mt={6} mb={4}>
        {field.choices.map((choice) => (
          <Checkbox key={choice.value} id={`${id}-choice-${slug(choice.value)}`} value={choice.value} label={choice.label} onBlur={onBlur} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
