import { describe, expect, it } from 'vitest'
import { isFiltered, tagSlug, toQuery } from './filters'

describe('the filters of the schedule', () => {
  it('show what is still to come, the next first, until somebody asks for something else', () => {
    expect(toQuery({}, 'UTC', 25)).toMatchObject({ status: 'pending', order: 'earliest' })
    expect(toQuery({ status: 'failed' }, 'UTC', 25)).toMatchObject({ status: 'failed', order: 'latest' })
    expect(toQuery({ status: 'any' }, 'UTC', 25)).toMatchObject({ status: undefined, order: 'latest' })
  })

  it('mean days of the tenant’s zone, the last one whole, also where clocks are put forward', () => {
    expect(toQuery({ from: '2026-03-29', to: '2026-03-29' }, 'Europe/Berlin', 25)).toMatchObject({ from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z' })
    expect(toQuery({ from: 'someday' }, 'Europe/Berlin', 25).from).toBeUndefined()
  })

  it('know whether anything narrows what is shown', () => {
    expect(isFiltered({ view: 'month', day: '2026-11-24', offset: 25 })).toBe(false)
    expect(isFiltered({ tag: 'intern' })).toBe(true)
  })

  it('look a tag up as the server does', () => {
    expect([' To be_created! ', 'TO-BE-CREATED', 'Qualitätssicherung Süd', '経営 企画'].map(tagSlug)).toEqual(['to-be-created', 'to-be-created', 'qualitätssicherung-süd', '経営-企画'])
  })
})
