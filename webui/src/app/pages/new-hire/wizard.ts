import type { AppRead, EmployeeRead, GrantRead, RequestCreate } from '@/api/types'
import { isPageOneReady, NOBODY, personProblems, toEmployee, type Person } from '@/features/hire/draft'
import { readFields, type FieldSpec } from '@/forms/schema'
import { errorsUnder, problemsOf } from '@/forms/validate'
import { initialValues, toWire, type Values } from '@/forms/values'

/** All that was entered in the wizard, and what the server said about it. */
export interface Draft {
  person: Person
  chosen: readonly string[]
  values: Readonly<Record<string, Values>>
  /** The server's messages by the path it was sent under. */
  errors: Readonly<Record<string, string>>
  /** Steps whose reader tried to go on: there, untouched fields show what they miss. */
  tried: readonly string[]
  changed: boolean
  /** Words for what somebody already has, by app and value. */
  labels: Readonly<Record<string, Record<string, string>>>
}

export type Change =
  | { type: 'person'; change: Partial<Person> }
  | { type: 'toggle'; app: string; on: boolean }
  | { type: 'field'; app: string; name: string; value: unknown }
  | { type: 'refused'; errors: Readonly<Record<string, string>> }
  | { type: 'tried'; step: string }
  | { type: 'known'; person: EmployeeRead; held: Held }

export const PERSON = 'person'
export const REVIEW = 'review'

export const EMPTY: Draft = { person: NOBODY, chosen: [], values: {}, errors: {}, tried: [], changed: false, labels: {} }

/** Leaves out the messages at a path and below it: whoever edits a field has heard them. */
function without(errors: Draft['errors'], path: string): Draft['errors'] {
  const camel = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const about = (name: string) => [path, camel].some((own) => name === own || name.startsWith(`${own}.`))
  return Object.fromEntries(Object.entries(errors).filter(([name]) => !about(name)))
}

export type Held = Pick<Draft, 'values' | 'labels'>

/** The value under which a form's list offers what a grant stands for. */
export type ValueOf = (list: { app: string; name: string }, grant: GrantRead) => string

// Which kind of grant a field's live choices stand for.
const GRANTS: Record<string, string> = { license_skus: 'license', groups: 'group', org_units: 'org_unit', managers: 'manager' }

/** What OneClick gave this person before, as the forms' values: a rerun begins with it and takes nothing away unasked. */
export function heldBy(person: EmployeeRead, apps: readonly AppRead[], valueOf: ValueOf = (_, grant) => grant.key): Held {
  const values: Record<string, Values> = {}
  const labels: Record<string, Record<string, string>> = {}
  for (const account of person.accounts) {
    const app = apps.find((one) => one.key === account.app)
    if (app === undefined) continue
    const given = account.grants.filter((grant) => grant.given_by_us)
    const words: Record<string, string> = {}
    const found: Values = {}
    for (const field of readFields(app.form)) {
      const name = field.optionsName ?? ''
      const grants = given.filter((grant) => grant.kind === GRANTS[name])
      const keys = grants.map((grant) => valueOf({ app: app.key, name }, grant))
      keys.forEach((key, index) => {
        words[key] = grants[index]?.label ?? key
      })
      if (keys.length > 0) found[field.name] = field.kind === 'options' ? keys : keys[0]
    }
    values[app.key] = found
    labels[app.key] = words
  }
  return { values, labels }
}

/** One change to the draft. */
export function reduce(draft: Draft, change: Change): Draft {
  switch (change.type) {
    case 'person': {
      const errors = Object.keys(change.change).reduce((left, name) => without(left, `employee.${name}`), draft.errors)
      return { ...draft, person: { ...draft.person, ...change.change }, errors, changed: true }
    }
    case 'toggle': {
      const others = draft.chosen.filter((app) => app !== change.app)
      return { ...draft, chosen: change.on ? [...others, change.app] : others, changed: true }
    }
    case 'field': {
      const values = { ...draft.values, [change.app]: { ...draft.values[change.app], [change.name]: change.value } }
      return { ...draft, values, errors: without(draft.errors, `apps.${change.app}.${change.name}`), changed: true }
    }
    case 'refused':
      return { ...draft, errors: change.errors }
    case 'tried':
      return { ...draft, tried: [...draft.tried, change.step] }
    case 'known': {
      const entries = Object.keys(NOBODY).map((name) => [name, change.person[name as keyof EmployeeRead] ?? ''])
      return {
        ...draft,
        person: Object.fromEntries(entries) as unknown as Person,
        chosen: change.person.accounts.map((account) => account.app),
        ...change.held,
      }
    }
  }
}

/** An app of the wizard: its form's fields and the values as they stand, defaults where nobody chose. */
export interface AppStep {
  app: AppRead
  fields: FieldSpec[]
  values: Values
}

/** The chosen apps in the order in which they are offered. */
export function appSteps(draft: Draft, apps: readonly AppRead[]): AppStep[] {
  return apps
    .filter((app) => draft.chosen.includes(app.key))
    .map((app) => {
      const fields = readFields(app.form)
      return { app, fields, values: { ...initialValues(fields), ...draft.values[app.key] } }
    })
}

/** Whether a step lets its reader go on. */
export function isStepReady(draft: Draft, steps: readonly AppStep[], step: string): boolean {
  if (step === PERSON) return isPageOneReady(draft.person, steps.map((one) => one.app.key))
  const found = steps.find((one) => one.app.key === step)
  return found === undefined || Object.keys(problemsOf(found.fields, found.values)).length === 0
}

/** The step to show: the one the address names, as long as everything before it is in order. */
export function stepToShow(draft: Draft, steps: readonly AppStep[], wanted: string | undefined): string {
  const keys = [PERSON, ...steps.map((one) => one.app.key), REVIEW]
  const at = keys.indexOf(wanted ?? PERSON)
  const obstacle = keys.findIndex((key, index) => index < at && !isStepReady(draft, steps, key))
  return keys[obstacle < 0 ? Math.max(at, 0) : obstacle] ?? PERSON
}

/** The first step the server has something to say about, or null when its messages fit none. */
export function stepWithErrors(errors: Draft['errors'], steps: readonly AppStep[]): string | null {
  const person = errorsUnder(errors, 'employee')
  if (Object.keys(person).some((name) => name === '' || name in personProblems(NOBODY) || name in NOBODY)) return PERSON
  return steps.find((one) => Object.keys(errorsUnder(errors, `apps.${one.app.key}`)).length > 0)?.app.key ?? null
}

/** The wish on the wire. */
export function toWish(draft: Draft, steps: readonly AppStep[]): RequestCreate {
  return {
    kind: 'onboard',
    employee: toEmployee(draft.person),
    apps: Object.fromEntries(steps.map((one) => [one.app.key, toWire(one.fields, one.values)])),
    existing_account: 'ask',
  }
}
