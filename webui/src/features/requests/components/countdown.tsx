import { Tooltip } from '@mantine/core'
import { formatCountdown, formatExact, formatMoment } from '@/lib/time'
import { useNow } from '@/lib/use-now'

/** The time left until a moment, second by second; the exact moment shows on hover. Silent for screen readers, which get the moment itself. */
export function Countdown({ at, withMoment = false }: { at: string; withMoment?: boolean }) {
  const date = new Date(at)
  const now = useNow(1000)
  const left = date <= now ? 'any moment' : `in ${formatCountdown(date, now)}`
  return (
    <Tooltip label={formatExact(date)}>
      <time dateTime={at} className="tabular nowrap">
        <span aria-hidden="true">{withMoment && date > now ? `at ${formatMoment(date, now)}, ${left}` : left}</span>
        <span className="visually-hidden">at {formatExact(date)}</span>
      </time>
    </Tooltip>
  )
}
