import type { ReactNode } from 'react'
import type { ConnectionDetail } from '@/api/types'
import { humanize, joinWords } from '@/lib/format'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import classes from './connections.module.css'
import { TestOutcome } from './test-outcome'
import { labelOf } from './words'

interface ConnectionFactsProps {
  connection: ConnectionDetail
  /** What the way it was connected is called. */
  method: string | undefined
  titleOf: (app: string) => string
  testing: boolean
}

/** What is known of a connection. */
export function ConnectionFacts({ connection, method, titleOf, testing }: ConnectionFactsProps) {
  const { connected_at: at, connected_by: by, last_refresh_at: refreshed, expires_at: expires } = connection
  const facts: [string, ReactNode][] = [
    ['Status', <StateBadge key="state" state={connection.state} label={labelOf(connection)} />],
    ['Account', connection.account ?? '–'],
    ['Apps', joinWords(connection.apps.map(titleOf)) || '–'],
    ['Connected', <Connected key="connected" at={at} by={by?.address} />],
    ['How', method ?? humanize(connection.method)],
    ['Last refresh', refreshed === null ? '–' : <RelativeTime key="refreshed" at={refreshed} />],
    ...(expires === null ? [] : [['Expires', <RelativeTime key="expires" at={expires} />] satisfies [string, ReactNode]]),
    ['Last test', <TestOutcome key="test" test={connection.last_test} running={testing || connection.testing} />],
  ]
  return (
    <dl className={classes.facts} id="connection-facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Connected({ at, by }: { at: string; by: string | undefined }) {
  return (
    <>
      <RelativeTime at={at} />
      {by === undefined ? ', by the environment' : ` by ${by}`}
    </>
  )
}
