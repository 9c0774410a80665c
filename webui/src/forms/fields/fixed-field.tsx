import { Text } from '@mantine/core'
import type { FieldProps } from './types'

/** A setting with one possible value: said, so that nobody wonders, and not asked. */
export function FixedField({ id, field, label }: FieldProps) {
  return (
    <div id={id}>
      <Text component="div" fw={500}>
        {label}
      </Text>
      <Text component="div">{field.choices[0]?.label}</Text>
      {field.help !== undefined && (
        <Text component="div" size="xs" c="dimmed">
          {field.help}
        </Text>
      )}
    </div>
  )
}
