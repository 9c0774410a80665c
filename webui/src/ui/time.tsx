import { Tooltip } from '@mantine/core'
import { formatExact, formatRelative } from '@/lib/time'
import { useNow } from '@/lib/use-now'

/** A moment in relative words; the exact time with its zone shows on hover and to assistive technology. */
export function RelativeTime({ at }: { at: string }) {
  const now = useNow(30_000)
  const date = new Date(at)
  return (
    <Tooltip label={formatExact(date)}>
      <time dateTime={at} className="tabular">
        {formatRelative(date, now)}
        <span className="visually-hidden"> ({formatExact(date)})</span>
      </time>
    </Tooltip>
  )
}
