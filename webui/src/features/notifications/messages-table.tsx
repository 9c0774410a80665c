import { Modal, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { MessagePage, MessageRead } from '@/api/types'
import { DataTable, type Column } from '@/ui/data-table'
import { Icon } from '@/ui/icons'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { Truncate } from '@/ui/truncate'
import { messageQuery } from './api'
import { Moment } from './events-table'
import { MessageFacts, senderOf, subjectOf } from './message-facts'
import classes from './notifications.module.css'

interface MessagesTableProps {
  page: MessagePage | undefined
  refreshing: boolean
  onOpen: (message: MessageRead) => void
  onOffset: (offset: number) => void
}

/** Mails, newest first: from whom, to whom, what about. */
export function MessagesTable({ page, refreshing, onOpen, onOffset }: MessagesTableProps) {
  const columns: Column<MessageRead>[] = [
    {
      key: 'subject',
      header: 'Mail',
      cell: (message) => (
        <div className={classes.words}>
          <UnstyledButton id={`message-${message.id}`} className={classes.open} data-row-link aria-haspopup="dialog" onClick={() => { onOpen(message) }}>
            <Truncate text={subjectOf(message)} className={message.deleted_at === null ? undefined : classes.struck} />
          </UnstyledButton>
          <Truncate text={message.deleted_at === null ? (message.body_preview ?? '') : 'Gone at Microsoft'} className={classes.muted} />
        </div>
      ),
    },
    { key: 'from', header: 'From', width: '24%', cell: (message) => <Truncate text={senderOf(message)} /> },
    { key: 'to', header: 'To', width: '22%', minor: true, cell: (message) => <Truncate text={toOf(message)} /> },
    {
      key: 'attachments',
      header: 'Files',
      width: '70px',
      cell: (message) =>
        message.has_attachments && (
          <span title="Has attachments">
            <Icon name="paperclip" size={16} />
            <span className="visually-hidden">Has attachments</span>
          </span>
        ),
    },
    { key: 'at', header: 'Received', width: '140px', end: true, cell: (message) => (message.received_at === null ? '–' : <Moment at={message.received_at} />) },
  ]
  return (
    <DataTable
      id="messages-table"
      label="Messages"
      columns={columns}
      rows={page?.items}
      rowKey={(message) => message.id}
      onOpen={onOpen}
      refreshing={refreshing}
      paging={page && { total: page.total, limit: page.limit, offset: page.offset, onOffset, noun: ['message', 'messages'] }}
    />
  )
}

function toOf({ recipients }: MessageRead): string {
  const [first, ...more] = recipients
  if (first === undefined) return '–'
  return more.length === 0 ? first.address : `${first.address} and ${more.length.toLocaleString('en')} more`
}

/** One mail, whole. */
export function MessageDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const query = useQuery(messageQuery(id))
  return (
    <Modal id="message-dialog" opened onClose={onClose} size="lg" title="Message" closeButtonProps={{ 'aria-label': 'Close', id: 'message-dialog-close' }}>
      {query.isError ? (
        <ErrorState id="message-dialog" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data === undefined ? (
        <LoadingBlocks blocks={2} />
      ) : (
        <div className={classes.mail}>
          <MessageFacts message={query.data} />
        </div>
      )}
    </Modal>
  )
}
