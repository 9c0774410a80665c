import type { AppRead, EmployeeRead, GrantRead } from '@/api/types'
import { readFields, type FieldSpec } from '@/forms/schema'
import type { Values } from '@/forms/values'

/** What somebody holds: the forms' values by app, and words for them. */
export interface Held {
  values: Readonly<Record<string, Values>>
  labels: Readonly<Record<string, Record<string, string>>>
}

/** The value under which a form's list offers what a grant stands for; null where it does not. */
export type ValueOf = (list: { app: string; name: string }, grant: GrantRead) => string | null

// Which kind of grant a list's choices stand for.
const GRANTS: Record<string, string> = {
  license_skus: 'license',
  add_ons: 'license',
  seats: 'license',
  groups: 'group',
  access_groups: 'group',
  lists: 'group',
  folders: 'group',
  teams: 'team',
  channels: 'channel',
  org_units: 'org_unit',
  managers: 'manager',
  roles: 'role',
  custom_roles: 'role',
  permission_sets: 'role',
}

interface Place {
  field: FieldSpec
  value: unknown
}

/** The field and the value that give what a grant stands for. */
function placeOf(app: string, fields: readonly FieldSpec[], taken: Values, grant: GrantRead, valueOf: ValueOf): Place | null {
  const several = (field: FieldSpec) => (field.kind === 'options' ? 0 : 1)
  const lists = fields
    .filter((field) => GRANTS[field.optionsName ?? ''] === grant.kind && (field.kind === 'options' || !(field.name in taken)))
    .sort((one, other) => several(one) - several(other))
  for (const field of lists) {
    const value = valueOf({ app, name: field.optionsName ?? '' }, grant)
    if (value !== null) return { field, value }
  }
  const fixed = fields.find((field) => field.kind === 'enum' && field.choices.some((choice) => choice.value === grant.key))
  if (fixed) return { field: fixed, value: grant.key }
  const flag = fields.find((field) => field.kind === 'switch' && field.name === grant.key)
  if (flag) return { field: flag, value: true }
  const free = fields.find((field) => field.kind === 'strings' && field.name === `${grant.kind}s`)
  const field = free ?? lists[0]
  return field === undefined ? null : { field, value: grant.key }
}

/** What OneClick gave this person before, as the forms' values: a rerun begins with it and takes nothing away unasked. */
export function heldBy(person: EmployeeRead, apps: readonly AppRead[], valueOf: ValueOf = (_, grant) => grant.key): Held {
  const values: Record<string, Values> = {}
  const labels: Record<string, Record<string, string>> = {}
  for (const account of person.accounts) {
    const app = apps.find((one) => one.key === account.app)
    if (app === undefined) continue
    const fields = readFields(app.form)
    const words: Record<string, string> = {}
    const found: Values = {}
    for (const grant of account.grants.filter((one) => one.given_by_us)) {
      const place = placeOf(app.key, fields, found, grant, valueOf)
      if (place === null) continue
      const { field, value } = place
      if (typeof value === 'string') words[value] = grant.label
      const many = field.kind === 'options' || field.kind === 'strings'
      found[field.name] = many ? [...((found[field.name] as unknown[] | undefined) ?? []), value] : value
    }
    values[app.key] = found
    labels[app.key] = words
  }
  return { values, labels }
}
