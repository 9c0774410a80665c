import { describe, expect, it } from 'vitest'
import { isEmail } from '@/lib/email'
import { isPageOneReady, NOBODY, personProblems, toEmployee } from './draft'

const mary = { ...NOBODY, full_name: 'Mary Jackson', work_email: 'mary@acme.example' }

describe('page one of the wizard', () => {
  it('is ready with a name, an address and one app, and not before', () => {
    expect(isPageOneReady(mary, ['google-workspace'])).toBe(true)
    expect(isPageOneReady(mary, [])).toBe(false)
    expect(isPageOneReady({ ...mary, full_name: ' M ' }, ['google-workspace'])).toBe(false)
    expect(isPageOneReady({ ...mary, work_email: 'mary@' }, ['google-workspace'])).toBe(false)
  })

  it('counts characters as people do', () => {
    expect(personProblems({ ...mary, full_name: '美奈' }).full_name).toBeUndefined()
    expect(personProblems({ ...mary, full_name: '  x  ' }).full_name).toBe('At least 2 characters.')
  })

  it('lets optional addresses be empty but not wrong', () => {
    expect(personProblems({ ...mary, manager_email: '' })).toEqual({})
    expect(personProblems({ ...mary, manager_email: 'grace' })).toEqual({ manager_email: 'This is not an e-mail address.' })
  })

  it('sends what was filled in, trimmed', () => {
    expect(toEmployee({ ...mary, full_name: ' Mary Jackson ', department: ' ' })).toEqual({
      full_name: 'Mary Jackson',
      work_email: 'mary@acme.example',
    })
  })
})

describe('an address', () => {
  it.each(['a@b.example', "o'brien+x@sub.acme.example", 'user@bücher.example'])('%s is one', (text) => {
    expect(isEmail(text)).toBe(true)
  })
  it.each(['', 'a', '@b.example', 'a@b', 'a..b@c.example', 'a b@c.example', 'a@-b.example', `${'x'.repeat(65)}@b.example`])('%s is none', (text) => {
    expect(isEmail(text)).toBe(false)
  })
})
