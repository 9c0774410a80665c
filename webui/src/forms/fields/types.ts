import type { ReactNode } from 'react'
import type { FieldSpec } from '../schema'

/** What every field is given. `id` is stable: made of the app's and the field's names. */
export interface FieldProps {
  id: string
  field: FieldSpec
  label: ReactNode
  value: unknown
  error?: string
  onChange: (value: unknown) => void
  onBlur: () => void
}
