import { formatCountdown, formatExact } from '@/lib/time'
import { useNow } from '@/lib/use-now'

/** The time left until a moment, second by second. Silent for screen readers, which get the moment itself. */
export function Countdown({ at }: { at: string }) {
  const now = useNow(1000)
  const date = new Date(at)
  return (
    <time dateTime={at} className="tabular">
      <span aria-hidden="true">{date <= now ? 'any moment' : `in ${formatCountdown(date, now)}`}</span>
      <span className="visually-hidden">at {formatExact(date)}</span>
    </time>
  )
}
