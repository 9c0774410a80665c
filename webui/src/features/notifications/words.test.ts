import { describe, expect, it } from 'vitest'
import { notificationOf, subscriptionOf } from '@/test/notifications'
import { changesWords, eventWords, factsOf, outcomeWords, resourceWords } from './words'

describe('resources in words', () => {
  it.each([
    ['users/ada@acme.example/messages', 'Mail of ada@acme.example'],
    ["Users/ada/MailFolders('inbox')/Messages", 'Mail of ada in inbox'],
    ['users/ada/mailFolders/inbox/messages', 'Mail of ada in inbox'],
    ['users/ada/events', 'Calendar of ada'],
    ['users/ada', 'User ada'],
    ['groups', 'All groups'],
    ['Users/u1/Messages/m1', 'Users/u1/Messages/m1'],
  ])('%s', (resource, words) => {
    expect(resourceWords(resource)).toBe(words)
  })
})

describe('notifications in words', () => {
  it('say what changed, and of what kind it is', () => {
    expect(eventWords(notificationOf(), subscriptionOf())).toBe('New mail')
    expect(eventWords(notificationOf({ change_type: 'updated' }), subscriptionOf({ resource_kind: 'event' }))).toBe('Calendar entry changed')
    expect(eventWords(notificationOf(), undefined)).toBe('New')
    expect(eventWords(notificationOf({ kind: 'lifecycle', change_type: 'missed' }), subscriptionOf())).toBe('Microsoft could not tell everything')
  })

  it('list changes in the order of a life', () => {
    expect(changesWords(['deleted', 'created', 'updated'])).toBe('new, changed and deleted')
  })

  it('say what came of it, also where that is a word of later', () => {
    expect(outcomeWords({ seen: 'stored' })).toMatch('stored')
    expect(outcomeWords({ seen: 'read_twice' })).toBe('Read twice')
    expect(outcomeWords(null)).toBeNull()
    expect(factsOf({ seen: 'looked', facts: { display_name: 'Ada', enabled: true } })).toEqual([['Display name', 'Ada'], ['Enabled', 'yes']])
  })
})
