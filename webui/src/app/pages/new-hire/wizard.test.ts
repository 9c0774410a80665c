import { describe, expect, it } from 'vitest'
import type { AppRead, EmployeeRead, RoleTemplateRead } from '@/api/types'
import { templateOf } from '@/test/samples'
import { heldBy } from './held-by'
import { appSteps, conflictsWith, EMPTY, isStepReady, marksOf, PERSON, reachOf, reduce, REVIEW, stepToShow, stepWithErrors, templateError, toWish, type Change } from './wizard'

function app(key: string, form: object): AppRead {
  return { key, title: key, form } as unknown as AppRead
}

const apps = [
  app('google-workspace', { properties: { primary_org_unit: { type: 'string', default: '/' } } }),
  app('microsoft-365', { required: ['usage_location'], properties: { usage_location: { type: 'string' } } }),
]

const after = (...changes: Change[]) => changes.reduce(reduce, EMPTY)
const mary: Change = { type: 'person', change: { full_name: 'Mary Jackson', work_email: 'mary@acme.example' } }
const google: Change = { type: 'toggle', app: 'google-workspace', on: true }
const microsoft: Change = { type: 'toggle', app: 'microsoft-365', on: true }

describe('the wizard', () => {
  it('has a step for each chosen app, in the order in which they are offered', () => {
    const steps = appSteps(after(microsoft, google), apps)
    expect(steps.map((step) => step.app.key)).toEqual(['google-workspace', 'microsoft-365'])
    expect(steps[0]?.values).toEqual({ primary_org_unit: '/' })
  })

  it('shows no step before everything ahead of it is in order, whatever the address says', () => {
    const nobody = after(google, microsoft)
    expect(stepToShow(nobody, appSteps(nobody, apps), REVIEW)).toBe(PERSON)
    const draft = after(mary, google, microsoft)
    const steps = appSteps(draft, apps)
    expect(stepToShow(draft, steps, 'google-workspace')).toBe('google-workspace')
    expect(stepToShow(draft, steps, REVIEW)).toBe('microsoft-365')
    expect(stepToShow(draft, steps, 'slack')).toBe(PERSON)
  })

  it('is ready for the review once the required fields are filled', () => {
    const draft = after(mary, microsoft, { type: 'field', app: 'microsoft-365', name: 'usage_location', value: 'DE' })
    const steps = appSteps(draft, apps)
    expect(isStepReady(draft, steps, 'microsoft-365')).toBe(true)
    expect(stepToShow(draft, steps, REVIEW)).toBe(REVIEW)
    expect(toWish(draft, steps)).toMatchObject({ apps: { 'microsoft-365': { usage_location: 'DE' } }, existing_account: 'ask' })
  })

  it('takes the server’s messages to the first step they are about, and forgets them when that field is edited', () => {
    const refused: Change = { type: 'refused', errors: { 'apps.microsoft-365.usage_location': 'Unknown.', 'employee.workEmail': 'Wrong domain.' } }
    const draft = after(mary, microsoft, refused)
    const steps = appSteps(draft, apps)
    expect(stepWithErrors(draft.errors, steps)).toBe(PERSON)
    const mended = reduce(draft, { type: 'person', change: { work_email: 'm@acme.example' } })
    expect(stepWithErrors(mended.errors, steps)).toBe('microsoft-365')
    expect(reduce(mended, { type: 'field', app: 'microsoft-365', name: 'usage_location', value: 'JP' }).errors).toEqual({})
    expect(stepWithErrors({ tags: 'Too long.' }, steps)).toBeNull()
  })
})

describe('running it again for somebody', () => {
  const form = {
    properties: {
      licenses: { type: 'array', items: { type: 'string' }, default: [], 'x-options': 'license_skus' },
      manager: { type: 'string', 'x-options': 'managers' },
    },
  }
  const person = {
    full_name: 'Grace Hopper',
    work_email: 'grace@acme.example',
    accounts: [
      {
        app: 'microsoft-365',
        grants: [
          { kind: 'license', key: 's1', label: 'Business Premium', given_by_us: true },
          { kind: 'license', key: 's2', label: 'Given by others', given_by_us: false },
          { kind: 'manager', key: 'm1', label: 'Katherine', given_by_us: true },
        ],
      },
    ],
  } as unknown as EmployeeRead

  it('begins with what OneClick gave, so that nothing is taken away unasked', () => {
    const draft = reduce(EMPTY, { type: 'known', person, held: heldBy(person, [app('microsoft-365', form)]) })
    expect(draft.chosen).toEqual(['microsoft-365'])
    expect(draft.values['microsoft-365']).toEqual({ licenses: ['s1'], manager: 'm1' })
    expect(draft.labels['microsoft-365']).toMatchObject({ s1: 'Business Premium' })
  })
})

describe('beginning from a role template', () => {
  const usable = ['google-workspace', 'microsoft-365']
  const engineer = templateOf('engineer', {
    name: 'Engineer',
    version: 4,
    apps: { 'google-workspace': { primary_org_unit: '/Engineering' }, 'microsoft-365': { usage_location: 'DE' }, slack: {} },
  })
  const sales = templateOf('sales', { name: 'Sales', apps: { 'microsoft-365': { usage_location: 'FR' } } })
  const pick = (template: typeof engineer | null, over = false): Change => ({ type: 'template', template, usable, over })
  const located: Change = { type: 'field', app: 'microsoft-365', name: 'usage_location', value: 'JP' }

  it('switches its apps on, fills their fields, and says which came from it', () => {
    const draft = after(mary, pick(engineer))
    expect([draft.chosen, draft.brought]).toEqual([usable, usable])
    const [google, microsoft] = appSteps(draft, apps)
    expect([google?.values, microsoft?.values]).toEqual([{ primary_org_unit: '/Engineering' }, { usage_location: 'DE' }])
    expect(google && marksOf(google, draft.template)).toEqual({ primary_org_unit: 'from Engineer' })
    const typed = reduce(draft, { type: 'field', app: 'google-workspace', name: 'primary_org_unit', value: '/Sales' })
    const [mine] = appSteps(typed, apps)
    expect(mine && marksOf(mine, typed.template)).toEqual({})
  })

  it('keeps what was typed unless one says otherwise', () => {
    const typed = after(mary, microsoft, located)
    expect(conflictsWith(typed, engineer)).toEqual({ 'microsoft-365': ['usage_location'] })
    const value = (draft: ReturnType<typeof after>) => appSteps(draft, apps).find((step) => step.app.key === 'microsoft-365')?.values.usage_location
    expect(value(reduce(typed, pick(engineer)))).toBe('JP')
    expect(value(reduce(typed, pick(engineer, true)))).toBe('DE')
    const cleared = reduce(typed, { ...located, value: '' })
    expect(conflictsWith(cleared, engineer)).toEqual({})
    expect(value(reduce(cleared, pick(engineer)))).toBe('DE')
  })

  it('takes away with it what it alone brought', () => {
    const draft = after(mary, google, pick(engineer), pick(sales))
    expect([draft.chosen, draft.brought]).toEqual([usable, ['microsoft-365']])
    expect(appSteps(draft, apps)[0]?.values).toEqual({ primary_org_unit: '/' })
    expect(reduce(draft, pick(null)).chosen).toEqual(['google-workspace'])
    const kept = after(pick(engineer), { type: 'toggle', app: 'microsoft-365', on: false }, { type: 'toggle', app: 'microsoft-365', on: true }, pick(null))
    expect(kept.chosen).toEqual(['microsoft-365'])
  })

  it('tells the server which version it was, and what of it this request does without', () => {
    const draft = after(mary, pick(engineer), { type: 'toggle', app: 'microsoft-365', on: false }, { type: 'field', app: 'google-workspace', name: 'primary_org_unit', value: '' })
    expect(toWish(draft, appSteps(draft, apps))).toMatchObject({
      role_template: { id: 'id-engineer', version: 4 },
      apps: { 'google-workspace': { primary_org_unit: '/' }, 'microsoft-365': false, slack: false },
    })
    const plain = after(mary, google)
    expect(toWish(plain, appSteps(plain, apps))).not.toHaveProperty('role_template')
  })

  it('shows what is wrong with the template where it is chosen', () => {
    const draft = after(mary, pick(engineer), { type: 'refused', errors: { 'role_template.id': 'There is no such role template.' } })
    expect(stepWithErrors(draft.errors, appSteps(draft, apps))).toBe(PERSON)
    expect(templateError(draft.errors)).toBe('There is no such role template.')
    expect(templateError(reduce(draft, pick(null)).errors)).toBeUndefined()
  })

  it('is done without when one starts from what somebody has', () => {
    const person = { full_name: 'Grace', work_email: 'g@acme.example', accounts: [] } as unknown as EmployeeRead
    const draft = after(pick(engineer), { type: 'known', person, held: { values: {}, labels: {} } })
    expect([draft.template, draft.chosen]).toEqual([null, []])
  })
})

describe('fields that mean nothing with the values as they are', () => {
  const form = { properties: { role: { enum: ['member', 'guest'], type: 'string', default: 'member' }, until: { type: 'string', format: 'date', 'x-when': { role: ['guest'] } } } }
  const slack = [app('slack', form)]
  const template = { id: 't1', name: 'Contractor', version: 2, tags: [], apps: { slack: { role: 'guest', until: '2027-03-31' } } } as unknown as RoleTemplateRead

  it('are not sent, and a template’s are taken back', () => {
    const draft = after(mary, { type: 'template', template, usable: ['slack'] }, { type: 'field', app: 'slack', name: 'role', value: 'member' })
    expect(toWish(draft, appSteps(draft, slack)).apps).toEqual({ slack: { role: 'member', until: null } })
  })
})

describe('the way through many pages', () => {
  it('reaches as far as everything is in order', () => {
    const draft = after(mary, google, microsoft)
    expect(reachOf(draft, appSteps(draft, apps))).toBe(2)
    const whole = reduce(draft, { type: 'field', app: 'microsoft-365', name: 'usage_location', value: 'DE' })
    expect(reachOf(whole, appSteps(whole, apps))).toBe(3)
    expect(reachOf(EMPTY, [])).toBe(0)
  })

  it('forgets what was said about an app’s fields together once one of them is edited', () => {
    const refused: Change = { type: 'refused', errors: { 'apps.google-workspace': 'These do not go together.' } }
    expect(after(mary, google, refused, { type: 'field', app: 'google-workspace', name: 'primary_org_unit', value: '/x' }).errors).toEqual({})
  })
})
