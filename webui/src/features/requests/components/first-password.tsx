import { Button } from '@mantine/core'
import type { ActionRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import { RelativeTime } from '@/ui/time'
import type { Acting } from '../acting'
import classes from './live.module.css'

/** The sealed first password of the account that an action made, or what became of it. */
export function FirstPassword({ id, action, acting }: { id: string; action: ActionRead; acting: Acting }) {
  const password = action.first_password
  if (password === null) return null
  if (password.state === 'revealed') return <div className={classes.muted}>The first password was shown and cannot be seen again.</div>
  if (password.state === 'expired') return <div className={classes.muted}>The first password lapsed unseen. Reset it in the vendor’s console.</div>
  return (
    <div className={classes.password}>
      {acting.mayWrite && (
        <Button
          id={`${id}-password`}
          variant="default"
          size="xs"
          leftSection={<Icon name="key" size={16} />}
          onClick={() => {
            acting.open('password', action)
          }}
        >
          Show first password
        </Button>
      )}
      <span className={classes.muted}>
        Sealed. It can be seen once
        {password.expires_at !== null && (
          <>
            {' '}
            and lapses <RelativeTime at={password.expires_at} />
          </>
        )}
        .
      </span>
    </div>
  )
}
