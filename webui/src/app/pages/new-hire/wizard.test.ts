import { describe, expect, it } from 'vitest'
import type { AppRead } from '@/api/types'
import { appSteps, EMPTY, isStepReady, PERSON, reduce, REVIEW, stepToShow, stepWithErrors, toWish, type Change } from './wizard'

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
