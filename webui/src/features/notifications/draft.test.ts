import { describe, expect, it } from 'vitest'
import { ApiError } from '@/api/errors'
import { NEW_DRAFT, problemsIn, refusalsIn, wishesOf } from './draft'

describe('what is asked for', () => {
  it('is one wish for each address, each once', () => {
    const wishes = wishesOf({ ...NEW_DRAFT, who: ' ada@acme.example\n\nbob@acme.example, ada@acme.example ' })
    expect(wishes.map(({ resource }) => resource)).toEqual(['users/ada@acme.example/messages', 'users/bob@acme.example/messages'])
    expect(wishes[0]).toMatchObject({ change_types: ['created', 'updated'], include_resource_data: false })
  })

  it('names the folder, the calendar, or a path as it was written', () => {
    const of = (part: object) => wishesOf({ ...NEW_DRAFT, who: 'ada', ...part }).map(({ resource }) => resource)
    expect(of({ folder: ' inbox ' })).toEqual(['users/ada/mailFolders/inbox/messages'])
    expect(of({ what: 'calendar', folder: 'inbox' })).toEqual(['users/ada/events'])
    expect(of({ what: 'contacts' })).toEqual(['users/ada/contacts'])
    expect(of({ what: 'other', who: 'groups/3f' })).toEqual(['groups/3f'])
  })

  it('never asks the directory for new ones or for data, which Microsoft refuses', () => {
    expect(wishesOf({ ...NEW_DRAFT, what: 'users', rich: true })).toEqual([{ resource: 'users', change_types: ['updated'], include_resource_data: false }])
    expect(problemsIn({ ...NEW_DRAFT, what: 'users', changes: ['created'] })).toHaveProperty('changes')
  })

  it('says what is missing before anything is sent', () => {
    expect(problemsIn(NEW_DRAFT)).toHaveProperty('who')
    expect(problemsIn({ ...NEW_DRAFT, who: 'ada@acme.example' })).toEqual({})
    expect(problemsIn({ ...NEW_DRAFT, who: Array.from({ length: 101 }, (_, n) => `u${n}`).join('\n') }).who).toMatch('101')
  })
})

describe('what the server refuses', () => {
  const refused = (field: string) => new ApiError(422, 'invalid_input', 'Wrong', null, null, [{ field, message: 'Write users/…', code: 'invalid' }])

  it('stands beside its field, and says which line is meant', () => {
    expect(refusalsIn(refused('resource'), NEW_DRAFT)).toEqual({ who: 'Write users/…' })
    expect(refusalsIn(refused('items.1.resource'), { ...NEW_DRAFT, who: 'ada\nbob' })).toEqual({ who: 'bob: Write users/…' })
    expect(refusalsIn(refused('items.0.change_types'), { ...NEW_DRAFT, who: 'ada\nbob' })).toEqual({ changes: 'Write users/…' })
  })

  it('is told as a whole where it belongs to no field', () => {
    expect(refusalsIn(refused('life_minutes'), NEW_DRAFT)).toBeNull()
    expect(refusalsIn(new ApiError(409, 'subscription_exists', 'There', null, null, []), NEW_DRAFT)).toBeNull()
    expect(refusalsIn(new Error('away'), NEW_DRAFT)).toBeNull()
  })
})
