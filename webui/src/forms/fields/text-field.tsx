import { PasswordInput, TextInput } from '@mantine/core'
import type { FieldProps } from './types'

const TYPES: Record<string, string> = { email: 'email', date: 'date' }

/** A line of text, an address, a date or a secret. */
export function TextField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  const shared = {
    id,
    label,
    description: field.help,
    error,
    value: typeof value === 'string' ? value : '',
    withAsterisk: field.required,
    autoComplete: 'off',
    onBlur,
    onChange: (event: { currentTarget: { value: string } }) => {
      onChange(event.currentTarget.value)
    },
  }
  if (field.kind === 'password') {
    return <PasswordInput {...shared} visibilityToggleButtonProps={{ id: `${id}-show`, 'aria-label': 'Show what is typed', tabIndex: 0 }} />
  }
  return <TextInput {...shared} type={TYPES[field.kind] ?? 'text'} aria-required={field.required} />
}
