import type { FieldSpec } from './schema'

export type Values = Record<string, unknown>

/** The values a form begins with: what the provider declared, empty where it declared nothing. */
export function initialValues(fields: readonly FieldSpec[]): Values {
  return Object.fromEntries(fields.map((field) => [field.name, startOf(field)]))
}

function startOf(field: FieldSpec): unknown {
  if (field.default !== undefined && field.default !== null) return field.default
  if (['options', 'strings', 'choices'].includes(field.kind)) return []
  if (field.kind === 'switch') return false
  return ''
}

/** Whether a field means something with the other values as they are. What is not among the values decides nothing. */
export function isShown(field: FieldSpec, values: Values): boolean {
  return field.when.every((one) => !(one.field in values) || one.values.includes(String(values[one.field])))
}

/** What goes on the wire: fields that mean nothing now and untouched optional ones are left out, so that the server's own defaults hold. */
export function toWire(fields: readonly FieldSpec[], values: Values): Values {
  const wire: Values = {}
  for (const field of fields) {
    const value = values[field.name]
    if (field.kind === 'unknown' || !isShown(field, values) || value === undefined || value === null || value === '') continue
    wire[field.name] = typeof value === 'string' && field.kind !== 'password' ? value.trim() : value
  }
  return wire
}

/** Whether nothing was entered. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Whether two values say the same, whether choices are given plainly or as objects that name theirs. */
export function sameValue(one: unknown, other: unknown): boolean {
  const plain = (value: unknown) => (Array.isArray(value) && value.length > 0 ? value.map(plainEntry) : (value ?? ''))
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other))
}

/** An entry that says nothing but its key, as the key. */
function plainEntry(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry
  const said = Object.values(entry).filter((part) => !isEmpty(part))
  return said.length === 1 && typeof said[0] === 'string' ? said[0] : entry
}

/** Whether a value differs from what the form began with. */
export function isChanged(field: FieldSpec, value: unknown): boolean {
  return JSON.stringify(value ?? '') !== JSON.stringify(startOf(field))
}

/** The keys chosen in a list, whether they came as plain strings or as objects that name theirs. */
export function keysOf(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: unknown) => keyOf(entry) ?? [])
}

/** The key of one entry, or null where it has none. */
export function keyOf(entry: unknown): string | null {
  if (typeof entry === 'string') return entry
  if (typeof entry !== 'object' || entry === null) return null
  const first = Object.values(entry).find((part) => typeof part === 'string')
  return typeof first === 'string' ? first : null
}

/** The list without the entry of that key; the others stay as they are. */
export function without(value: unknown, key: string): unknown[] {
  return Array.isArray(value) ? value.filter((entry: unknown) => keyOf(entry) !== key) : []
}

/** What an entry leaves out of its choice. */
export function leftOut(entry: unknown, name: string): string[] {
  const parts: unknown = typeof entry === 'object' && entry !== null ? (entry as Values)[name] : []
  return Array.isArray(parts) ? parts.filter((part): part is string => typeof part === 'string') : []
}
