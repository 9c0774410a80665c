import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ConnectionDetail } from '@/api/types'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import { lookOf } from '@/ui/state-badge'
import classes from './connections.module.css'
import { labelOf } from './words'

/** Why a connection does not work, or soon will not, and what to do. Nothing for one that works. */
export function StateNote({ connection, action }: { connection: ConnectionDetail; action: ReactNode }) {
  const { state, reason, remedy, link } = connection
  if (state === 'active') return null
  const look = lookOf(state)
  return (
    <Note
      tone={look.tone}
      id="connection-state-note"
      title={reason ?? labelOf(connection) ?? look.label}
      actions={
        <>
          {action}
          {link !== null && (
            <Button id="connection-state-link" component="a" href={link} target="_blank" rel="noreferrer" variant="default" rightSection={<Icon name="link" size={14} />}>
              Open at the vendor
            </Button>
          )}
        </>
      }
    >
      {remedy !== null && remedy !== '' && <div className={classes.remedy}>{remedy}</div>}
    </Note>
  )
}
