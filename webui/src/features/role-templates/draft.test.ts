import { describe, expect, it } from 'vitest'
import type { AppRead } from '@/api/types'
import { beginning, fillable } from '@/forms/filling'
import { conditionWords, NEW, problemsIn, toBody } from './draft'

const microsoft = {
  key: 'microsoft-365',
  form: {
    required: ['usage_location'],
    properties: {
      usage_location: { type: 'string', title: 'Usage location', minLength: 2, maxLength: 2 },
      groups: { type: 'array', items: { type: 'string' }, default: [], 'x-options': 'groups' },
      mode: { type: 'string', const: 'generate', default: 'generate' },
      change: { type: 'boolean', default: true },
      odd: { type: 'object' },
    },
  },
} as unknown as AppRead

const draft = { ...NEW, name: ' Pilot ', apps: { 'microsoft-365': {} } }

describe('a role template being written', () => {
  it('can fill in whatever can be drawn and chosen, and needs none of it', () => {
    const fields = fillable(microsoft)
    expect(fields.map((field) => [field.name, field.required])).toEqual([
      ['usage_location', false],
      ['groups', false],
      ['change', false],
    ])
    expect(fields.map(beginning)).toEqual(['', [], true])
    expect(problemsIn(draft, [microsoft])).toEqual({})
  })

  it('says what keeps it from being saved', () => {
    expect(problemsIn(NEW, [microsoft])).toEqual({ name: 'This is needed.', apps: 'Switch on at least one app.' })
    const wrong = { ...draft, apps: { 'microsoft-365': { usage_location: 'Germany' } } }
    expect(problemsIn(wrong, [microsoft])).toEqual({ 'apps.microsoft-365.usage_location': 'At most 2 characters; this has 7.' })
  })

  it('sends what was filled in, keeps what it cannot draw, and nothing of apps that are gone', () => {
    const values = { usage_location: '', groups: [], odd: { a: 1 } }
    const body = toBody({ ...draft, apps: { 'microsoft-365': values, gone: { x: 1 } } }, [microsoft])
    expect(body).toMatchObject({ name: 'Pilot', apps: { 'microsoft-365': { groups: [], odd: { a: 1 } } } })
  })

  it('tells for whom it is suggested', () => {
    expect(conditionWords({ department: [], location: ['Berlin'], job_title: ['*engineer*', '*developer*'] })).toBe(
      'Job title *engineer* or *developer*; Location Berlin',
    )
    expect(conditionWords(NEW.conditions)).toBe('')
  })
})
