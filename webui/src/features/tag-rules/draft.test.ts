import { describe, expect, it } from 'vitest'
import { tagRuleOf } from '@/test/schedules'
import { draftOf, NEW, problemsIn, toBody, whenInWords } from './draft'

describe('a tag rule in its form', () => {
  it.each([-3, 0, 5])('keeps an offset of %i days on its way there and back', (offset_days) => {
    expect(toBody(draftOf(tagRuleOf({ offset_days }))).offset_days).toBe(offset_days)
  })

  it('forgets the number of days on the start date itself', () => {
    expect(toBody({ ...NEW, tag: 'x', side: 'on', days: 7 }).offset_days).toBe(0)
  })

  it('needs a tag with a letter or digit, days, a time and a priority', () => {
    expect(problemsIn({ ...NEW, tag: 'to be created' })).toEqual({})
    expect(problemsIn({ ...NEW, tag: '経営' })).toEqual({})
    expect(Object.keys(problemsIn({ ...NEW, tag: ' – ', days: 0, time: '25:00', priority: -1 })).sort()).toEqual(['offset_days', 'priority', 'tag', 'time_of_day'])
    expect(problemsIn({ ...NEW, tag: 'x', side: 'on', days: null })).toEqual({})
  })

  it('says in words when it runs', () => {
    expect(whenInWords(tagRuleOf({ offset_days: -1 }))).toBe('1 day before the start date at 08:00')
    expect(whenInWords(tagRuleOf({ offset_days: 0, time_of_day: '06:30' }))).toBe('on the start date at 06:30')
    expect(whenInWords(tagRuleOf({ offset_days: 14 }))).toBe('14 days after the start date at 08:00')
  })
})
