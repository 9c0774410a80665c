import { Button, PasswordInput, Stack, Textarea, TextInput } from '@mantine/core'
import { useRef } from 'react'
import type { ConnectionFieldRead } from '@/api/types'
import { slug } from '@/lib/format'
import { Icon } from '@/ui/icons'

interface CredentialFieldsProps {
  fields: readonly ConnectionFieldRead[]
  values: Readonly<Record<string, string>>
  errors: Readonly<Record<string, string>>
  onChange: (name: string, value: string) => void
}

/** What is typed in to connect. The browser is asked to remember none of it. */
export function CredentialFields({ fields, values, errors, onChange }: CredentialFieldsProps) {
  return (
    <Stack gap="md">
      {fields.map((field) => (
        <Credential
          key={field.name}
          field={field}
          value={values[field.name] ?? ''}
          error={errors[field.name]}
          onChange={(value) => {
            onChange(field.name, value)
          }}
        />
      ))}
    </Stack>
  )
}

interface CredentialProps {
  field: ConnectionFieldRead
  value: string
  error: string | undefined
  onChange: (value: string) => void
}

function Credential({ field, value, error, onChange }: CredentialProps) {
  const common = {
    id: `connect-field-${slug(field.name)}`,
    label: field.label,
    description: field.help === '' ? undefined : field.help,
    'aria-required': field.required,
    // A password field does not say so by itself.
    'aria-invalid': error !== undefined,
    withAsterisk: field.required,
    autoComplete: field.secret ? 'new-password' : 'off',
    spellCheck: false,
    value,
    error,
  }
  if (field.multiline) return <Document {...common} onChange={onChange} />
  const Input = field.secret ? PasswordInput : TextInput
  return (
    <Input
      {...common}
      onChange={(event) => {
        onChange(event.currentTarget.value)
      }}
    />
  )
}

/** A file's text: pasted, or read from the file itself. */
function Document({ onChange, ...rest }: { id: string; onChange: (value: string) => void; value: string; label: string; error: string | undefined }) {
  const file = useRef<HTMLInputElement>(null)
  return (
    <Stack gap="xs" align="stretch">
      <Textarea
        {...rest}
        minRows={4}
        maxRows={8}
        autosize
        classNames={{ input: 'mono' }}
        onChange={(event) => {
          onChange(event.currentTarget.value)
        }}
      />
      <div>
        <Button id={`${rest.id}-file`} variant="default" size="xs" leftSection={<Icon name="book" size={14} />} onClick={() => file.current?.click()}>
          Read it from a file
        </Button>
        <input
          ref={file}
          type="file"
          hidden
          aria-label={`${rest.label}: file`}
          onChange={(event) => {
            const input = event.currentTarget
            void input.files?.[0]?.text().then((text) => {
              onChange(text)
              input.value = ''
            })
          }}
        />
      </div>
    </Stack>
  )
}
