import { describe, expect, it } from 'vitest'
import { addDays, daysBetween, formatWall, instantOf, isDay, monthOf, offsetOf, wallOf, weekOf } from './zones'

describe('times on the clocks of a zone', () => {
  it('are those of the zone, in winter and in summer', () => {
    expect(wallOf(new Date('2026-11-24T07:00:00Z'), 'Europe/Berlin')).toBe('2026-11-24T08:00')
    expect(wallOf(new Date('2026-07-24T06:00:00Z'), 'Europe/Berlin')).toBe('2026-07-24T08:00')
    expect(wallOf(new Date('2026-11-23T15:30:00Z'), 'Asia/Tokyo')).toBe('2026-11-24T00:30')
    expect(wallOf(new Date('2026-11-24T00:00:00Z'), 'America/New_York')).toBe('2026-11-23T19:00')
  })

  it('lead back to their instants, also on the days on which clocks are moved', () => {
    for (const [zone, wall, at] of [
      ['Europe/Berlin', '2026-11-24T08:00', '2026-11-24T07:00:00.000Z'],
      ['Europe/Berlin', '2026-03-29T08:00', '2026-03-29T06:00:00.000Z'],
      ['Europe/Berlin', '2026-10-25T00:00', '2026-10-24T22:00:00.000Z'],
      ['America/New_York', '2026-03-08T00:00', '2026-03-08T05:00:00.000Z'],
      ['Asia/Kolkata', '2026-01-01T00:00', '2025-12-31T18:30:00.000Z'],
    ] as const) {
      expect(instantOf(wall, zone).toISOString()).toBe(at)
    }
  })

  it('are written with their weekday, and offsets as people say them', () => {
    expect(formatWall('2026-11-24T08:00:00+01:00')).toBe('Tue 24 Nov 2026, 08:00')
    expect(offsetOf('2026-11-24T08:00:00+01:00')).toBe('UTC+1')
    expect(offsetOf('2026-11-24T08:00:00-03:30')).toBe('UTC−3:30')
    expect(offsetOf('2026-11-24T08:00:00+00:00')).toBe('UTC')
  })
})

describe('days', () => {
  it('are counted over the ends of months and years, and over changes of the clocks', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(addDays('2026-03-28', 2)).toBe('2026-03-30')
    expect(daysBetween('2026-10-24', '2026-10-26')).toBe(2)
    expect(monthOf('2026-01-31', 1)).toBe('2026-02-01')
    expect(monthOf('2026-01-15', -1)).toBe('2025-12-01')
  })

  it('belong to the week that begins on Monday', () => {
    expect(weekOf('2026-11-22')).toBe('2026-11-16')
    expect(weekOf('2026-11-23')).toBe('2026-11-23')
  })

  it('are refused where there are none', () => {
    expect(isDay('2026-02-29')).toBe(false)
    expect(isDay('2028-02-29')).toBe(true)
    expect(isDay('tomorrow')).toBe(false)
  })
})
