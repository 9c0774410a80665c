import type { AppRead, EmployeeRead, RequestCreate, RoleTemplateRead } from '@/api/types'
import { isPageOneReady, NOBODY, personProblems, toEmployee, type Person } from '@/features/hire/draft'
import { readFields, type FieldSpec } from '@/forms/schema'
import { errorsUnder, problemsOf } from '@/forms/validate'
import { initialValues, isEmpty, isShown, sameValue, toWire, type Values } from '@/forms/values'
import type { Held } from './held-by'

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
  /** What was chosen to begin from: its fields lie under what was typed. */
  template: RoleTemplateRead | null
  /** Apps that are on because of the template alone. */
  brought: readonly string[]
}

export type Change =
  | { type: 'person'; change: Partial<Person> }
  | { type: 'toggle'; app: string; on: boolean }
  | { type: 'field'; app: string; name: string; value: unknown }
  | { type: 'refused'; errors: Readonly<Record<string, string>> }
  | { type: 'tried'; step: string }
  | { type: 'known'; person: EmployeeRead; held: Held }
  /** `over`: what was typed gives way to what the template fills in. */
  | { type: 'template'; template: RoleTemplateRead | null; usable: readonly string[]; over?: boolean }

export const PERSON = 'person'
export const REVIEW = 'review'

export const EMPTY: Draft = { person: NOBODY, chosen: [], values: {}, errors: {}, tried: [], changed: false, labels: {}, template: null, brought: [] }

/** Leaves out the messages at a path and below it: whoever edits a field has heard them. */
function without(errors: Draft['errors'], path: string): Draft['errors'] {
  const camel = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const about = (name: string) => [path, camel].some((own) => name === own || name.startsWith(`${own}.`))
  return Object.fromEntries(Object.entries(errors).filter(([name]) => !about(name)))
}

/** Whoever edits a field has heard what was said about it, and about the app's fields together. */
function heard(errors: Draft['errors'], app: string, field: string): Draft['errors'] {
  const { [`apps.${app}`]: _together, ...others } = errors
  return without(others, `apps.${app}.${field}`)
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
      const brought = draft.brought.filter((app) => app !== change.app)
      return { ...draft, chosen: change.on ? [...others, change.app] : others, brought, changed: true }
    }
    case 'field': {
      const values = { ...draft.values, [change.app]: { ...draft.values[change.app], [change.name]: change.value } }
      return { ...draft, values, errors: heard(draft.errors, change.app, change.name), changed: true }
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
        template: null,
        brought: [],
        ...change.held,
      }
    }
    case 'template':
      return underTemplate(draft, change)
  }
}

/** Begins from another template, or from none: what the last one brought goes with it, what was typed stays. */
function underTemplate(draft: Draft, { template, usable, over = false }: Extract<Change, { type: 'template' }>): Draft {
  const own = draft.chosen.filter((app) => !draft.brought.includes(app))
  const apps = template?.apps ?? {}
  const brought = usable.filter((app) => app in apps && !own.includes(app))
  const values = Object.fromEntries(
    Object.entries(draft.values).map(([app, typed]) => {
      const filled = apps[app] ?? {}
      const stays = ([name, value]: [string, unknown]) => !(name in filled) || (!over && !isEmpty(value) && !sameValue(value, filled[name]))
      return [app, Object.fromEntries(Object.entries(typed).filter(stays))]
    }),
  )
  const errors = Object.fromEntries(Object.entries(draft.errors).filter(([path]) => !isAboutTemplate(path)))
  return { ...draft, template, brought, chosen: [...own, ...brought], values, errors, changed: true }
}

/** What was typed and what a template would fill in otherwise: the fields' names by app. */
export function conflictsWith(draft: Draft, template: RoleTemplateRead): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const [app, filled] of Object.entries(template.apps)) {
    const typed = draft.values[app] ?? {}
    const names = Object.keys(filled).filter((name) => name in typed && !isEmpty(typed[name]) && !sameValue(typed[name], filled[name]))
    if (names.length > 0) found[app] = names
  }
  return found
}

function isAboutTemplate(path: string): boolean {
  return /^(role_template|roleTemplate)(\.|$)/.test(path)
}

/** What the server said about the template itself. */
export function templateError(errors: Draft['errors']): string | undefined {
  return Object.entries(errors).find(([path]) => isAboutTemplate(path))?.[1]
}

/** An app of the wizard: its form's fields and the values as they stand, defaults where nobody chose. */
export interface AppStep {
  app: AppRead
  fields: FieldSpec[]
  values: Values
  /** What the template fills in, over the app's own defaults here. */
  filled: Values
}

/** The chosen apps in the order in which they are offered. */
export function appSteps(draft: Draft, apps: readonly AppRead[]): AppStep[] {
  return apps
    .filter((app) => draft.chosen.includes(app.key))
    .map((app) => {
      const fields = readFields(app.form)
      const filled = { ...app.defaults, ...draft.template?.apps[app.key] }
      return { app, fields, filled, values: { ...initialValues(fields), ...filled, ...draft.values[app.key] } }
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

/** The place of the last step that can be shown: everything before it is in order. */
export function reachOf(draft: Draft, steps: readonly AppStep[]): number {
  const keys = [PERSON, ...steps.map((one) => one.app.key)]
  const obstacle = keys.findIndex((key) => !isStepReady(draft, steps, key))
  return obstacle < 0 ? keys.length : obstacle
}

/** Fields of a step that are as the template or the app's defaults filled them in, each with the words that say so. */
export function marksOf(step: AppStep, template: RoleTemplateRead | null): Record<string, string> {
  const same = Object.keys(step.filled).filter((name) => sameValue(step.values[name], step.filled[name]))
  const brought = template?.apps[step.app.key] ?? {}
  return Object.fromEntries(same.map((name) => [name, template !== null && name in brought ? `from ${template.name}` : 'default here']))
}

/** The first step the server has something to say about, or null when its messages fit none. */
export function stepWithErrors(errors: Draft['errors'], steps: readonly AppStep[]): string | null {
  if (templateError(errors) !== undefined) return PERSON
  const person = errorsUnder(errors, 'employee')
  if (Object.keys(person).some((name) => name === '' || name in personProblems(NOBODY) || name in NOBODY)) return PERSON
  return steps.find((one) => Object.keys(errorsUnder(errors, `apps.${one.app.key}`)).length > 0)?.app.key ?? null
}

/** The wish on the wire. */
export function toWish(draft: Draft, steps: readonly AppStep[]): RequestCreate {
  const { template } = draft
  const wish: RequestCreate = {
    kind: 'onboard',
    employee: toEmployee(draft.person),
    apps: Object.fromEntries(steps.map((one) => [one.app.key, { ...emptied(one), ...toWire(one.fields, one.values) }])),
    existing_account: 'ask',
  }
  if (template === null) return wish
  // What the template names and this request does without must be said: the server lays one over the other too.
  const without = Object.keys(template.apps).filter((app) => !steps.some((one) => one.app.key === app))
  return {
    ...wish,
    apps: { ...wish.apps, ...Object.fromEntries(without.map((app) => [app, false])) },
    role_template: { id: template.id, version: template.version },
  }
}

/** Fields that the template fills in and that somebody emptied, or that mean nothing now: left out, they would be filled in again. */
function emptied({ fields, values, filled }: AppStep): Values {
  const cleared = fields.filter((field) => field.name in filled && (isEmpty(values[field.name]) || !isShown(field, values)))
  return Object.fromEntries(cleared.map((field) => [field.name, field.default ?? null]))
}
