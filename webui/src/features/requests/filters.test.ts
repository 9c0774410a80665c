import { describe, expect, it } from 'vitest'
import { isFiltered, toQuery } from './filters'

describe('the filters of the list', () => {
  it('count the last day whole', () => {
    const query = toQuery({ from: '2026-11-01', to: '2026-11-01' }, 25)
    const hours = (new Date(String(query.to)).getTime() - new Date(String(query.from)).getTime()) / 3_600_000
    expect(hours).toBe(24)
  })

  it('ignore what is no day', () => {
    expect(toQuery({ from: 'yesterday' }, 25).from).toBeUndefined()
  })

  it('know whether anything narrows the list', () => {
    expect(isFiltered({ offset: 25 })).toBe(false)
    expect(isFiltered({ app: 'google-workspace' })).toBe(true)
    expect(isFiltered({ waiting_for: 'me' })).toBe(true)
    expect(toQuery({ waiting_for: 'invited' }, 25).waiting_for).toBe('invited')
  })
})
