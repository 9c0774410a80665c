import { describe, expect, it } from 'vitest'
import { repeatsFrom, ruleInWords } from './recurrence'

describe('a repeating rule in words', () => {
  it.each([
    ['0 8 * * *', 'every day at 08:00'],
    ['30 7,19 * * *', 'every day at 07:30 and 19:30'],
    ['0 8 * * 1-5', 'every weekday at 08:00'],
    ['0 8 * * MON,WED', 'every week on Monday and Wednesday at 08:00'],
    ['0 8 * * 0', 'every week on Sunday at 08:00'],
    ['0 8 1 * *', 'every month on the 1st at 08:00'],
    ['0 8 22 * *', 'every month on the 22nd at 08:00'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['5 * * * *', 'every hour at 05 minutes past'],
    ['FREQ=DAILY', 'every day at 09:15'],
    ['FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', 'every weekday at 09:15'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=FR', 'every 2 weeks on Friday at 09:15'],
    ['FREQ=MONTHLY;BYDAY=-1FR', 'every month on the last Friday at 09:15'],
    ['FREQ=MONTHLY;BYMONTHDAY=-1', 'every month on the last day at 09:15'],
    ['FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=1', 'every year on the 1st in March at 09:15'],
    ['FREQ=DAILY;BYHOUR=6;BYMINUTE=0;COUNT=10', 'every day at 06:00, 10 times in all'],
    ['FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231', 'every week on Tuesday at 09:15, until 31 Dec 2026'],
    ['FREQ=HOURLY', 'every hour'],
  ])('%s is %s', (rule, words) => {
    expect(ruleInWords(rule, '09:15')).toBe(words)
  })

  it.each(['0 8 1 1 *', '0 8 1 * 1', '0 8-17 * * *', 'FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2', 'FREQ=DAILY;BYMINUTE=0,30', 'FREQ=MONTHLY;BYMONTHDAY=-2', 'nonsense', '0 8 * * 9'])(
    '%s is left as it stands',
    (rule) => {
      expect(ruleInWords(rule, '09:15')).toBeNull()
    },
  )
})

describe('what a form offers', () => {
  it('follows the first day, and says in words what its rule says', () => {
    const offered = repeatsFrom('2026-11-24')
    expect(offered.map(({ label }) => label)).toContain('Every week on Tuesday')
    for (const { label, rule } of offered.filter((one) => one.rule !== null)) {
      expect(ruleInWords(rule ?? '', '08:00')).toBe(`${label.replace('Every', 'every')} at 08:00`)
    }
  })
})
