import { describe, expect, it } from 'vitest'
import { formatCountdown, formatMoment } from './time'

const now = new Date(2026, 10, 20, 14, 0, 0)
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)

describe('how long until a moment', () => {
  it('is told in the two units that matter', () => {
    expect([0, 12, 65, 7_800, 86_400 * 6 + 3_600 * 23].map((seconds) => formatCountdown(after(seconds), now))).toEqual(['now', '12 s', '1:05', '2 h 10 min', '6 d 23 h'])
  })

  it('names the day where it is not today', () => {
    expect(formatMoment(after(192), now)).toBe('14:03:12')
    expect(formatMoment(after(86_400 * 4), now)).toBe('24 Nov, 14:00')
  })
})
