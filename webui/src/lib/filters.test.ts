import { describe, expect, it } from 'vitest'
import { anySet, atOffset, withFilter } from './filters'

describe('filters in an address', () => {
  it('go back to the first page when one changes, and leave the address when empty', () => {
    expect(withFilter({ state: 'failed', offset: 50 }, { state: 'done' })).toEqual({ state: 'done' })
    expect(withFilter({ state: 'failed', q: 'ada', offset: 25 }, { q: '' })).toEqual({ state: 'failed' })
  })

  it('stay the same on another page, and the first page is not named', () => {
    expect(atOffset({ state: 'failed', offset: 25 }, 50)).toEqual({ state: 'failed', offset: 50 })
    expect(atOffset({ state: 'failed', offset: 25 }, 0)).toEqual({ state: 'failed' })
  })

  it('narrow the list when any of them says something', () => {
    expect(anySet(undefined, '')).toBe(false)
    expect(anySet(undefined, 'ada')).toBe(true)
  })
})
