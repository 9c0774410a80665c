import { describe, expect, it } from 'vitest'
import { scheduleOf } from '@/test/schedules'
import { firstWhen, toTiming, whenOf, whenProblems } from './when'

const NOW = new Date('2026-11-21T12:00:00Z')

describe('when a hire runs at first', () => {
  it('is eight on the start date, on the clocks of the tenant', () => {
    expect(firstWhen('2026-12-01', 'Europe/Berlin', NOW)).toMatchObject({ day: '2026-12-01', time: '08:00', zone: 'Europe/Berlin' })
  })

  it('is tomorrow where the start date has begun, or is not known', () => {
    expect(firstWhen('2026-11-21', 'Europe/Berlin', NOW).day).toBe('2026-11-22')
    expect(firstWhen('', 'Europe/Berlin', NOW).day).toBe('2026-11-22')
    // It is the 22nd already in Auckland.
    expect(firstWhen('', 'Pacific/Auckland', NOW).day).toBe('2026-11-23')
  })

  it('goes out as a time on the wall with its zone', () => {
    expect(toTiming(firstWhen('2026-12-01', 'Europe/Berlin', NOW))).toEqual({
      schedule_time: '2026-12-01T08:00:00',
      time_zone: 'Europe/Berlin',
      recurrence: null,
    })
  })
})

describe('when a schedule runs', () => {
  it('is read in its own zone', () => {
    expect(whenOf(scheduleOf({ local: '2026-11-24T08:00:00+01:00' }))).toMatchObject({ day: '2026-11-24', time: '08:00', repeat: 'once' })
  })

  it('keeps a rule of its own, and knows those that a form offers', () => {
    const of = (rule: string) =>
      whenOf(scheduleOf({ schedule_time: '2026-11-24T07:00:00Z', recurrence: { kind: rule.includes('=') ? 'rrule' : 'cron', rule } }))
    expect(of('FREQ=WEEKLY;BYDAY=TU')).toMatchObject({ repeat: 'weekly', day: '2026-11-24', time: '08:00' })
    const own = of('0 8 * * 1')
    expect(own).toMatchObject({ repeat: 'own', rule: '0 8 * * 1' })
    expect(toTiming(own).recurrence).toBe('0 8 * * 1')
  })

  it('has a day, a time and, where one is asked for, a rule', () => {
    const good = firstWhen('', 'UTC', NOW)
    expect(whenProblems(good)).toEqual({})
    expect(whenProblems({ ...good, day: '' })).toHaveProperty('schedule_time')
    expect(whenProblems({ ...good, repeat: 'own' })).toHaveProperty('recurrence')
  })
})
