import { describe, expect, it } from 'vitest'
import type { EmployeeRead, GrantRead } from '@/api/types'
import { realApps } from '@/test/apps'
import { heldBy, type ValueOf } from './held-by'

const grant = (kind: string, key: string, label = key, given = true): GrantRead => ({ kind, key, label, given_by_us: given })

function held(app: string, grants: GrantRead[], valueOf?: ValueOf) {
  const person = { accounts: [{ app, grants }] } as unknown as EmployeeRead
  return heldBy(person, realApps, valueOf).values[app]
}

describe('what somebody holds, as the values of the real forms', () => {
  it('goes to the list that offers it, where several take its kind', () => {
    const offers: Record<string, string[]> = { access_groups: ['jira-software-users'], groups: ['on-call'] }
    const valueOf: ValueOf = ({ name }, { label }) => (offers[name]?.includes(label) === true ? label : null)
    const grants = [grant('group', '11', 'on-call'), grant('group', '12', 'jira-software-users'), grant('group', '13', 'gone since')]
    expect(held('jira', grants, valueOf)).toEqual({ groups: ['on-call'], access_groups: ['jira-software-users', '13'] })
  })

  it('finds licences and roles among fixed values, and a seat behind a switch', () => {
    expect(held('zoom', [grant('license', 'licensed'), grant('license', 'webinar500')], (_, { key }) => (key === 'licensed' ? null : key))).toEqual({
      license_type: 'licensed',
      add_ons: ['webinar500'],
    })
    expect(held('github', [grant('role', 'admin'), grant('team', 'platform'), grant('license', 'copilot')])).toEqual({ role: 'admin', teams: ['platform'], copilot: true })
    expect(held('slack', [grant('role', 'admin'), grant('channel', 'C1'), grant('team', 'T1')])).toEqual({ role: 'admin', channels: ['C1'] })
  })

  it('fills lists of free texts, and lists of several before a single choice', () => {
    expect(held('scim', [grant('role', 'Approver'), grant('entitlement', 'Premium')])).toEqual({ roles: ['Approver'], entitlements: ['Premium'] })
    expect(held('hubspot', [grant('team', '1'), grant('team', '2'), grant('role', '9')])).toEqual({ teams: ['1', '2'], permission_set: '9' })
  })

  it('leaves out what others gave', () => {
    expect(held('github', [grant('team', 'platform', 'Platform', false)])).toEqual({})
  })
})
