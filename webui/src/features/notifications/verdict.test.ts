import { describe, expect, it } from 'vitest'
import { healthOf, subscriptionOf } from '@/test/notifications'
import { findingsOf, watchedCounts } from './verdict'

const NOW = new Date('2026-11-21T12:00:00Z')
const idsOf = (...args: Parameters<typeof healthOf>) => findingsOf(healthOf(...args), NOW).map(({ id }) => id)

describe('what somebody should know', () => {
  it('is nothing where all is well, however much is worked on just now', () => {
    expect(idsOf()).toEqual([])
    expect(idsOf({ notifications: { queued: 900 }, oldest_waiting_at: '2026-11-21T11:59:00Z' })).toEqual([])
  })

  it('is that work stands still, first of all', () => {
    const found = findingsOf(healthOf({ notifications: { queued: 3, dead: 1 }, oldest_waiting_at: '2026-11-21T11:50:00Z', open_gaps: 2 }), NOW)
    expect(found.map(({ id }) => id)).toEqual(['late', 'dead', 'gaps'])
    expect(found[0]?.title).toMatch(/^3 notifications wait/)
    expect(found[0]?.state).toBe('queued')
  })

  it('tells of lapsed ones only where no problem of their own does', () => {
    const problem = { code: 'not_found', message: 'Gone', remedy: 'Look', link: null, vendor_message: null, since: null }
    expect(idsOf({ subscriptions: { active: 1, lapsed: 1 } })).toEqual(['lapsed'])
    expect(idsOf({ subscriptions: { active: 1, lapsed: 1 }, problems: [subscriptionOf({ state: 'lapsed', problem })] })).toEqual([])
  })

  it('counts what is wanted without what is being ended', () => {
    expect(watchedCounts({ subscriptions: { active: 2, creating: 1, failing: 1, deleting: 4, deleted: 9 } })).toEqual({ wanted: 4, active: 2 })
  })
})
