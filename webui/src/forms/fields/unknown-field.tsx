import { Note } from '@/ui/note'
import type { FieldProps } from './types'

/** A shape this form cannot draw: said plainly, and left to the server's default. */
export function UnknownField({ id, field }: FieldProps) {
  return (
    <Note tone="neutral" id={id} title={field.title}>
      This setting cannot be edited here. Its default is used; the API accepts other values.
    </Note>
  )
}
