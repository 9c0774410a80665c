import { isEmail } from '@/lib/email'
import type { FieldSpec } from './schema'
import { isShown, type Values } from './values'

export type FieldErrors = Record<string, string>

function textProblem(field: FieldSpec, value: string): string | null {
  if (field.minLength !== undefined && value.length < field.minLength) {
    return `At least ${field.minLength} characters.`
  }
  if (field.maxLength !== undefined && value.length > field.maxLength) {
    return `At most ${field.maxLength} characters; this has ${value.length}.`
  }
  if (field.kind === 'email' && !isEmail(value)) return 'This is not an e-mail address.'
  if (field.pattern !== undefined && !matches(field.pattern, value)) return 'This does not have the expected form.'
  return null
}

/** A pattern this browser cannot read is left to the server. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}

function numberProblem(field: FieldSpec, value: number): string | null {
  if (Number.isNaN(value)) return 'This is not a number.'
  if (field.integer && !Number.isInteger(value)) return 'A whole number, please.'
  if (field.minimum !== undefined && value < field.minimum) return `At least ${field.minimum}.`
  if (field.maximum !== undefined && value > field.maximum) return `At most ${field.maximum}.`
  return null
}

/** What is wrong with one value in words, or null. The server repeats every check and has the last word. */
export function problemOf(field: FieldSpec, value: unknown): string | null {
  if (Array.isArray(value)) {
    const least = field.minItems ?? (field.required ? 1 : 0)
    return value.length < least ? (least === 1 ? 'Choose at least one.' : `Choose at least ${least}.`) : null
  }
  const empty = value === undefined || value === null || (typeof value === 'string' && value.trim() === '')
  if (empty) {
    if (!field.required || field.kind === 'unknown') return null
    return field.kind === 'option' || field.kind === 'enum' ? 'Choose one.' : 'This is needed.'
  }
  if (typeof value === 'number') return numberProblem(field, value)
  if (typeof value === 'string') return textProblem(field, value.trim())
  return null
}

/** All problems of a form, by field. */
export function problemsOf(fields: readonly FieldSpec[], values: Values): FieldErrors {
  const problems: FieldErrors = {}
  for (const field of fields.filter((one) => isShown(one, values))) {
    const problem = problemOf(field, values[field.name])
    if (problem !== null) problems[field.name] = problem
  }
  return problems
}

/** `workEmail` and `work_email` name the same field. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/**
 * The errors below a prefix, by field: with `apps.microsoft-365`, the path `apps.microsoft-365.licenses.0` tells of
 * `licenses`. A path that is the prefix itself is kept under the empty name.
 */
export function errorsUnder(errors: Readonly<Record<string, string>>, prefix: string): FieldErrors {
  const found: FieldErrors = {}
  for (const [path, message] of Object.entries(errors)) {
    if (path !== prefix && !path.startsWith(`${prefix}.`)) continue
    const name = snake(path.slice(prefix.length + 1).split('.')[0] ?? '')
    found[name] ??= message
  }
  return found
}
