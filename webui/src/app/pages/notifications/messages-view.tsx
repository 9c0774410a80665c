import { useQuery } from '@tanstack/react-query'
import { messagesQuery, watchedQuery } from '@/features/notifications/api'
import { SubscriptionFilter } from '@/features/notifications/event-filters'
import { isFiltered, type NotificationFilters } from '@/features/notifications/filters'
import { MessageDialog, MessagesTable } from '@/features/notifications/messages-table'
import classes from '@/features/notifications/notifications.module.css'
import { ClearFilters } from '@/ui/filter-days'
import { EmptyState, ErrorState } from '@/ui/page'
import { SearchField } from '@/ui/search-field'

interface MessagesViewProps {
  filters: NotificationFilters
  mayReadMail: boolean
  onChange: (change: Partial<NotificationFilters>) => void
  onOpen: (open: string | undefined) => void
  onClear: () => void
}

/** The mails that came of notifications. */
export function MessagesView({ filters, mayReadMail, onChange, onOpen, onClear }: MessagesViewProps) {
  const query = useQuery({ ...messagesQuery(filters), enabled: mayReadMail })
  const { data: watched } = useQuery(watchedQuery)
  if (!mayReadMail) {
    return (
      <EmptyState icon="blocked" title="Your role does not read mails">
        Administrators do. Ask one of them.
      </EmptyState>
    )
  }
  return (
    <>
      <search className={classes.filters} aria-label="Filter messages">
        <SearchField id="messages-filter-text" label="Subject or sender" placeholder="Invoice" className={classes.wide} value={filters.q ?? ''} onChange={(q) => { onChange({ q }) }} />
        <SubscriptionFilter id="messages-filter" watched={(watched ?? []).filter((one) => one.resource_kind === 'message')} value={filters.subscription} onChange={(subscription) => { onChange({ subscription }) }} />
        <ClearFilters id="messages-filter" shown={isFiltered(filters)} onClear={onClear} />
      </search>
      {query.isError ? (
        <ErrorState id="messages" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.items.length === 0 ? (
        <EmptyState icon={isFiltered(filters) ? 'search' : 'mail'} title={isFiltered(filters) ? 'No mail matches' : 'No mail yet'}>
          {isFiltered(filters) ? 'Look for another part of the subject or of the sender’s address.' : 'A mail that arrives in a watched mailbox stands here within seconds.'}
        </EmptyState>
      ) : (
        <MessagesTable
          page={query.data}
          refreshing={query.isPlaceholderData}
          onOpen={(message) => { onOpen(message.id) }}
          onOffset={(offset) => { onChange({ offset: offset === 0 ? undefined : offset }) }}
        />
      )}
      {filters.open !== undefined && <MessageDialog id={filters.open} onClose={() => { onOpen(undefined) }} />}
    </>
  )
}
