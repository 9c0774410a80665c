import type { ApiError } from '@/api/errors'
import type { ConnectionFieldRead } from '@/api/types'

/** What is not filled in and must be, by field. */
export function missingFields(fields: readonly ConnectionFieldRead[], values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(fields.filter((field) => field.required && (values[field.name] ?? '').trim() === '').map((field) => [field.name, `Fill in: ${field.label}.`]))
}

/** What is sent: only the method's own fields, without what surrounds them. */
export function tidy(fields: readonly ConnectionFieldRead[], values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field.name, (values[field.name] ?? '').trim()]).filter(([, value]) => value !== ''))
}

/** The messages that belong beside a field; the server names it with or without `fields.` before it. */
export function fieldErrors(error: ApiError, fields: readonly ConnectionFieldRead[]): Record<string, string> {
  const said = error.byField()
  return Object.fromEntries(
    fields.flatMap(({ name }) => {
      const message = said[`fields.${name}`] ?? said[name]
      return message === undefined ? [] : [[name, message]]
    }),
  )
}
