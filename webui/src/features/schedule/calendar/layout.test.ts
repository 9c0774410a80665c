import { describe, expect, it } from 'vitest'
import { entryOf } from '@/test/schedules'
import { byDay, idOf, titleOf, turned, wallAfter, weeksOf } from './layout'

describe('the weeks of a calendar', () => {
  it('hold the whole month from a Monday to a Sunday', () => {
    const weeks = weeksOf('month', '2026-11-21')
    expect(weeks).toHaveLength(6)
    expect(weeks[0]?.[0]).toBe('2026-10-26')
    expect(weeks.at(-1)?.at(-1)).toBe('2026-12-06')
    // A February that begins on a Monday needs four.
    expect(weeksOf('month', '2027-02-14')).toHaveLength(4)
  })

  it('are one in the week', () => {
    expect(weeksOf('week', '2026-11-22')).toEqual([['2026-11-16', '2026-11-17', '2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22']])
  })

  it('are named and turned', () => {
    expect(titleOf('month', '2026-11-21')).toBe('November 2026')
    expect(titleOf('week', '2026-11-21')).toBe('16–22 Nov 2026')
    expect(titleOf('week', '2026-12-01')).toBe('30 Nov – 6 Dec 2026')
    expect(titleOf('week', '2026-12-31')).toBe('28 Dec 2026 – 3 Jan 2027')
    expect(turned('month', '2026-12-31', 1)).toBe('2027-01-01')
    expect(turned('week', '2026-11-22', -1)).toBe('2026-11-09')
  })
})

describe('an entry', () => {
  it('stands on the day of the calendar’s clocks', () => {
    const late = entryOf({ at: '2026-11-24T22:30:00Z' })
    expect([...byDay([late], 'Europe/Berlin').keys()]).toEqual(['2026-11-24'])
    expect([...byDay([late], 'Asia/Tokyo').keys()]).toEqual(['2026-11-25'])
  })

  it('keeps its own time of day when it is moved, also over a change of the clocks', () => {
    const entry = entryOf({ at: '2026-10-24T06:00:00Z', local: '2026-10-24T08:00:00+02:00' })
    expect(wallAfter(entry, 2)).toBe('2026-10-26T08:00:00')
  })

  it('has a name of its own for each time of a repeating one', () => {
    const names = ['2026-11-24T07:00:00Z', '2026-11-25T07:00:00Z'].map((at) => idOf(entryOf({ recurring: true, at })))
    expect(new Set(names).size).toBe(2)
  })
})
