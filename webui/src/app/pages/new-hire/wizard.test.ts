import { describe, expect, it } from 'vitest'
import type { AppRead, EmployeeRead } from '@/api/types'
import { appSteps, EMPTY, heldBy, isStepReady, PERSON, reduce, REVIEW, stepToShow, stepWithErrors, toWish, type Change } from './wizard'

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
