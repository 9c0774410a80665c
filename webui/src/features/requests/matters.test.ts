import { describe, expect, it } from 'vitest'
import { actionOf, resultOf, taskOf } from '@/test/samples'
import { isOpenAtFirst } from './folds'
import { mattersOf } from './matters'

const error = { code: 'unknown', message: 'It said no.', remedy: 'Look.', who: 'you' as const, link: null, raw: true, field: null, vendor_message: null }

const results = [
  resultOf('google-workspace', { title: 'Google', actions: [actionOf({ first_password: { state: 'sealed', expires_at: '2026-12-01T00:00:00Z' } })] }),
  resultOf('github', { title: 'GitHub', state: 'awaiting_acceptance', actions: [actionOf({ key: 'invite', state: 'awaiting_acceptance', expires_at: '2026-12-02T00:00:00Z' })] }),
  resultOf('slack', {
    title: 'Slack',
    state: 'awaiting_person',
    actions: [
      actionOf({ key: 'role', title: 'Make administrator', state: 'awaiting_person', task: taskOf({ assignee: { id: 'o1', name: 'Ada' } }) }),
      actionOf({ key: 'channel', title: 'Add to #berlin', state: 'awaiting_person', task: taskOf({ assignee: { id: 'o2', name: 'Bea' } }) }),
    ],
  }),
  resultOf('zoom', { title: 'Zoom', state: 'partial', actions: [actionOf({ key: 'a', state: 'failed', error }), actionOf({ key: 'b', state: 'failed', error })] }),
  resultOf('hubspot', { title: 'HubSpot', state: 'error', error }),
  resultOf('jira', { title: 'Jira' }),
]

describe('what needs somebody', () => {
  it('lists errors first, then tasks with whose they are, invitations and passwords', () => {
    expect(mattersOf(results, 'o1').map(({ kind, title, words }) => [kind, title, words])).toEqual([
      ['error', 'Zoom', '2 actions failed. It said no.'],
      ['error', 'HubSpot', 'It said no.'],
      ['task', 'Slack', 'Make administrator: yours'],
      ['task', 'Slack', 'Add to #berlin: Bea’s'],
      ['invitation', 'GitHub', 'The invitation waits to be accepted'],
      ['password', 'Google', 'The first password waits to be handed over'],
    ])
  })

  it('leads to the action, or to the app where no action carries the error', () => {
    const found = mattersOf(results, null)
    expect(found.find(({ title }) => title === 'Zoom')?.action).toBe('a')
    expect(found.find(({ title }) => title === 'HubSpot')?.action).toBeNull()
  })

  it('leaves open where there are many only what we have to do something about', () => {
    const open = (many: boolean) => results.filter((result) => isOpenAtFirst(result, many)).map(({ title }) => title)
    expect(open(true)).toEqual(['Slack', 'Zoom', 'HubSpot'])
    expect(open(false)).toEqual(['Google', 'GitHub', 'Slack', 'Zoom', 'HubSpot'])
    expect(isOpenAtFirst(resultOf('zoom', { state: 'waiting_retry' }), true)).toBe(false)
  })
})
