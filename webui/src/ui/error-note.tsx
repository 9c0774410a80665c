import { Button, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { ErrorRead } from '@/api/types'
import classes from './error-note.module.css'
import { Icon } from './icons'
import { LongText } from './long-text'
import { Note } from './note'

const WHO: Record<string, string> = {
  you: 'You can mend this',
  oneclick: 'OneClick takes care of this',
  'vendor admin': 'An administrator at the vendor must act',
}

/** What is told of an error; who must act is left out where nobody can know. */
type Told = Pick<ErrorRead, 'message' | 'vendor_message'> & { remedy: string | null } & Partial<Pick<ErrorRead, 'link' | 'raw' | 'who'>>

/** An error as a person needs it: what happened, who must act, one thing to press, and the raw reply behind a button. */
export function ErrorNote({ id, error, action, onRaw }: { id: string; error: Told; action?: ReactNode; onRaw?: () => void }) {
  const link = error.link
  return (
    <Note
      tone="bad"
      title={<LongText id={`${id}-message`} text={error.message} />}
      actions={
        <>
          {action}
          {link != null && (
            <Button
              id={`${id}-link`}
              component="a"
              href={link.url}
              target="_blank"
              rel="noreferrer"
              variant="default"
              rightSection={<Icon name="link" size={14} />}
            >
              {link.label}
            </Button>
          )}
          {error.raw && onRaw && (
            <Button id={`${id}-raw`} variant="subtle" color="gray" leftSection={<Icon name="code" size={16} />} onClick={onRaw}>
              Raw reply
            </Button>
          )}
        </>
      }
    >
      {error.remedy != null && <div>{error.remedy}</div>}
      {error.vendor_message != null && error.vendor_message !== '' && error.vendor_message !== error.message && (
        <div className={classes.vendor}>
          The vendor’s words: <LongText id={`${id}-vendor`} text={error.vendor_message} />
        </div>
      )}
      {error.who != null && (
        <Text size="sm" c="dimmed" mt={4}>
          {WHO[error.who] ?? error.who}
        </Text>
      )}
    </Note>
  )
}
