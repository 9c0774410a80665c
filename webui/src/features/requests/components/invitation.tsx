import { Button } from '@mantine/core'
import type { ActionRead } from '@/api/types'
import { useNow } from '@/lib/use-now'
import { Icon } from '@/ui/icons'
import { RelativeTime } from '@/ui/time'
import type { Acting } from '../acting'
import { Countdown } from './countdown'
import classes from './waits.module.css'

/** An invitation that is out: since when, until when, when OneClick looks again, and the way to send it anew. */
export function Invitation({ id, action, acting }: { id: string; action: ActionRead; acting: Acting }) {
  const now = useNow(30_000)
  const sent = action.sent_at ?? action.started_at
  const lapsed = action.expires_at !== null && new Date(action.expires_at) <= now
  return (
    <div className={classes.wait} data-tone={lapsed ? 'warn' : 'info'} id={`${id}-invitation`}>
      <div className={classes.words}>
        <div>
          {sent !== null && (
            <>
              Sent <RelativeTime at={sent} />
              {action.expires_at === null ? '.' : '; '}
            </>
          )}
          {action.expires_at !== null && (
            <>
              {lapsed ? (sent === null ? 'It lapsed ' : 'it lapsed ') : sent === null ? 'It lapses ' : 'it lapses '}
              {lapsed ? <RelativeTime at={action.expires_at} /> : <Countdown at={action.expires_at} />}.
            </>
          )}
        </div>
        <div className={classes.muted}>
          {action.error !== null && <>OneClick could not look whether it was accepted. {action.error.message} </>}
          {action.next_look_at !== null && (
            <>
              OneClick looks again <Countdown at={action.next_look_at} />.
            </>
          )}
        </div>
      </div>
      {acting.mayWrite && (
        <div className={classes.buttons}>
          <Button
            id={`${id}-look`}
            variant="subtle"
            size="xs"
            loading={acting.isBusy('look', action.id)}
            onClick={() => {
              acting.run({ what: 'look', action: action.id })
            }}
          >
            Look now
          </Button>
          <Button
            id={`${id}-resend`}
            variant="default"
            size="xs"
            leftSection={<Icon name="mail" size={16} />}
            loading={acting.isBusy('resend', action.id)}
            aria-haspopup="dialog"
            onClick={() => {
              acting.open('resend', action)
            }}
          >
            Send again
          </Button>
        </div>
      )}
    </div>
  )
}
