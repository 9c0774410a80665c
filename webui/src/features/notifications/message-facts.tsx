import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { MessageRead } from '@/api/types'
import { formatExact } from '@/lib/time'
import { LongText } from '@/ui/long-text'
import { Note } from '@/ui/note'
import classes from './notifications.module.css'

function person({ name, address }: { name: string | null; address: string }): string {
  return name === null || name === '' || name === address ? address : `${name} <${address}>`
}

/** What a mail without a subject is called. */
export function subjectOf({ subject }: Pick<MessageRead, 'subject'>): string {
  return subject === null || subject.trim() === '' ? '(no subject)' : subject
}

/** From whom a mail is, as a list names them. */
export function senderOf({ sender }: Pick<MessageRead, 'sender'>): string {
  if (sender === null) return 'Nobody named'
  return sender.name === null || sender.name === '' ? sender.address : sender.name
}

/** A mail as it was last seen. */
export function MessageFacts({ message }: { message: MessageRead }) {
  const to = (kind: 'to' | 'cc') => message.recipients.filter((one) => one.kind === kind).map(person).join(', ')
  const facts: [string, ReactNode, boolean?][] = [
    ['From', message.sender === null ? '–' : person(message.sender), true],
    ['To', to('to') || '–', true],
    ...(to('cc') === '' ? [] : [['Copy to', to('cc'), true] as [string, ReactNode, boolean]]),
    ['Received', message.received_at === null ? '–' : formatExact(new Date(message.received_at))],
    ['Attachments', message.has_attachments ? 'Yes' : 'No'],
    ['Read', message.is_read === null ? '–' : message.is_read ? 'Yes' : 'Not yet'],
    ['Last seen', formatExact(new Date(message.seen_at))],
  ]
  return (
    <>
      <Title order={3} id="message-subject">
        {subjectOf(message)}
      </Title>
      {message.deleted_at !== null && (
        <Note tone="neutral" title="Gone at Microsoft">
          Seen to be gone at {formatExact(new Date(message.deleted_at))}. This is how it was last.
        </Note>
      )}
      {message.body_preview !== null && message.body_preview !== '' && <LongText id="message-preview" text={message.body_preview} className={classes.preview} />}
      <dl className={classes.facts}>
        {facts.map(([label, value, whole]) => (
          <div key={label} className={whole ? classes.whole : undefined}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
