import { Tooltip } from '@mantine/core'
import { formatExact, formatRelative } from '@/lib/time'
import { useNow } from '@/lib/use-now'
import { formatWall, offsetOf } from '@/lib/zones'

interface ZonedTimeProps {
  at: string
  /** What the clocks of the zone show then, with their offset. */
  local: string
  zone: string
  /** Where the zone stands elsewhere already. */
  bare?: boolean
}

/** A time that somebody chose: as the clocks of its zone show it, with the zone; how far away it is, and the reader's own time, on hover. */
export function ZonedTime({ at, local, zone, bare = false }: ZonedTimeProps) {
  const now = useNow(30_000)
  const date = new Date(at)
  return (
    <Tooltip label={`${formatRelative(date, now)}: ${zone} is ${offsetOf(local)} then. On your clock ${formatExact(date)}`}>
      <time dateTime={at} className="tabular">
        {formatWall(local)}
        {bare ? <span className="visually-hidden"> {zone}</span> : ` ${zone}`}
      </time>
    </Tooltip>
  )
}
