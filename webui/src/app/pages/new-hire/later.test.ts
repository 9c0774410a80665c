import { describe, expect, it } from 'vitest'
import { firstWhen } from '@/features/schedule/when'
import { planApp, plannedAction, planOf } from '@/test/samples'
import { existingThen, laterWish } from './later'

const choice = { code: 'existing_account', message: 'There is one.', options: [{ value: 'adopt', label: 'Use it' }, { value: 'skip', label: 'Leave it out' }], selected: null }
const plan = planOf(planApp('slack', [plannedAction('create')]), planApp('zoom', [], { choices: [choice] }), planApp('jira', [], { choices: [choice] }))
const when = firstWhen('2026-12-01', 'Europe/Berlin', new Date('2026-11-21T12:00:00Z'))
const wish = { kind: 'onboard' as const, employee: { full_name: 'Mary', work_email: 'mary@acme.example' }, apps: { slack: { role: 'member' }, zoom: {}, jira: {} }, existing_account: 'ask' as const }

describe('a hire that runs later', () => {
  it('leaves out the apps that were left out in the plan, and says when', () => {
    const body = laterWish(wish, plan, { zoom: { existing_account: 'skip' } }, when)
    expect(body.apps).toEqual({ slack: { role: 'member' }, zoom: false, jira: {} })
    expect(body).toMatchObject({ schedule_time: '2026-12-01T08:00:00', time_zone: 'Europe/Berlin', recurrence: null })
    expect(body).not.toHaveProperty('dry_run')
  })

  it('links accounts then only where that was said of each that exists now', () => {
    const adopt = { existing_account: 'adopt' }
    expect(existingThen(plan, {})).toBe('ask')
    expect(existingThen(plan, { zoom: adopt })).toBe('ask')
    expect(existingThen(plan, { zoom: adopt, jira: adopt })).toBe('adopt')
    expect(existingThen(plan, { zoom: adopt, jira: { existing_account: 'skip' } })).toBe('adopt')
    expect(existingThen(planOf(planApp('slack', [])), {})).toBe('ask')
  })
})
