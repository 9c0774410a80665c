import type { ConnectionDetail } from '@/api/types'
import { Icon } from '@/ui/icons'
import { LongText } from '@/ui/long-text'
import { RelativeTime } from '@/ui/time'
import classes from './connections.module.css'

/** What the last try to use the connection came to. */
export function TestOutcome({ test, running }: { test: ConnectionDetail['last_test']; running: boolean }) {
  if (running) return <span role="status">Asking the vendor</span>
  if (test === null) return <>Not tested yet</>
  return (
    <span className={classes.outcome} data-ok={test.ok} id="connection-test-outcome" role="status">
      <Icon name={test.ok ? 'done' : 'alert'} size={16} />
      <span>
        {test.ok ? 'Works' : 'Failed'}, <RelativeTime at={test.at} />
        {test.message !== null && test.message !== '' && (
          <>
            <br />
            <LongText id="connection-test-message" text={test.message} className={classes.muted} />
          </>
        )}
      </span>
    </span>
  )
}
