import { Button, Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { NotificationRead } from '@/api/types'
import { eventsQuery, useReplay, watchedQuery } from '@/features/notifications/api'
import { EventDialog } from '@/features/notifications/event-dialog'
import { EventFiltersBar } from '@/features/notifications/event-filters'
import { EventsTable } from '@/features/notifications/events-table'
import { isFiltered, type NotificationFilters } from '@/features/notifications/filters'
import { LiveTail } from '@/features/notifications/live-tail'
import classes from '@/features/notifications/notifications.module.css'
import type { Feed } from '@/features/notifications/use-feed'
import { count } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { notify } from '@/ui/notify'
import { EmptyState, ErrorState } from '@/ui/page'

interface EventsViewProps {
  filters: NotificationFilters
  feed: Feed
  mayWrite: boolean
  mayReadMail: boolean
  onChange: (change: Partial<NotificationFilters>) => void
  onOpen: (open: string | undefined) => void
  onClear: () => void
}

/** What arrived, live; in the view of what was given up, with a replay of one, some or all. */
export function EventsView({ filters, feed, mayWrite, mayReadMail, onChange, onOpen, onClear }: EventsViewProps) {
  const still = feed.paused ? { staleTime: Infinity, refetchOnWindowFocus: false } : {}
  const query = useQuery({ ...eventsQuery(filters), ...still })
  const { data: watched } = useQuery(watchedQuery)
  const replaying = useReplay()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const of = (id: string) => watched?.find((one) => one.id === id)
  const dead = filters.view === 'dead'
  const shown = query.data?.items ?? []
  const picked = shown.filter(({ id, state }) => state === 'dead' && chosen.has(id)).map(({ id }) => id)

  function replay(order: Parameters<typeof replaying.mutate>[0]) {
    replaying.mutate(order, {
      onSuccess: (n) => {
        setChosen(new Set())
        notify('ok', `${count(n, 'notification')} ${n === 1 ? 'is' : 'are'} worked on again`, 'What came of it stands here as soon as it is known.')
      },
      onError: (error) => { notify('bad', 'Nothing was replayed', messageOf(error)) },
    })
  }

  return (
    <>
      <EventFiltersBar filters={filters} watched={watched ?? []} onChange={onChange} onClear={onClear} />
      <div className={classes.toolbar}>
        <LiveTail feed={feed} />
        {dead && mayWrite && shown.length > 0 && (
          <ReplayBar
            shown={shown}
            picked={picked}
            total={query.data?.total ?? 0}
            narrowed={isFiltered({ ...filters, subscription: undefined })}
            busy={replaying.isPending}
            onAll={(on) => { setChosen(new Set(on ? shown.map(({ id }) => id) : [])) }}
            onReplay={(ids) => { replay(ids === null ? { subscription: filters.subscription } : { ids }) }}
          />
        )}
      </div>
      {query.isError ? (
        <ErrorState id="events" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.items.length === 0 ? (
        <Nothing dead={dead} filtered={isFiltered(filters)} onClear={onClear} />
      ) : (
        <EventsTable
          page={query.data}
          refreshing={query.isPlaceholderData}
          of={of}
          onOpen={(event) => { onOpen(event.id) }}
          onOffset={(offset) => { onChange({ offset: offset === 0 ? undefined : offset }) }}
          chosen={dead && mayWrite ? chosen : undefined}
          onChoose={(id, on) => {
            setChosen((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id)))
          }}
        />
      )}
      {filters.open !== undefined && (
        <EventDialog
          id={filters.open}
          of={of}
          mayReplay={mayWrite}
          mayReadMail={mayReadMail}
          replaying={replaying.isPending}
          onReplay={(event) => { replay({ one: event.id }) }}
          onClose={() => { onOpen(undefined) }}
        />
      )}
    </>
  )
}

interface ReplayBarProps {
  shown: readonly NotificationRead[]
  picked: readonly string[]
  total: number
  /** A filter is set that a replay of all would not heed. */
  narrowed: boolean
  busy: boolean
  onAll: (on: boolean) => void
  /** Null means all. */
  onReplay: (ids: string[] | null) => void
}

function ReplayBar({ shown, picked, total, narrowed, busy, onAll, onReplay }: ReplayBarProps) {
  return (
    <div className={classes.tail} role="group" aria-label="Replay">
      <Checkbox
        id="dead-choose-all"
        label="All on this page"
        checked={picked.length === shown.length}
        indeterminate={picked.length > 0 && picked.length < shown.length}
        onChange={(event) => { onAll(event.currentTarget.checked) }}
      />
      <Button id="dead-replay" size="xs" disabled={picked.length === 0} loading={busy} leftSection={<Icon name="retry" size={14} />} onClick={() => { onReplay([...picked]) }}>
        {picked.length === 0 ? 'Replay what is chosen' : `Replay ${count(picked.length, 'notification')}`}
      </Button>
      {!narrowed && total > shown.length && (
        <Button id="dead-replay-all" size="xs" variant="default" disabled={busy} onClick={() => { onReplay(null) }}>
          Replay all {total.toLocaleString('en')}
        </Button>
      )}
    </div>
  )
}

function Nothing({ dead, filtered, onClear }: { dead: boolean; filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState
        icon="search"
        title="Nothing matches these filters"
        action={
          <Button id="events-empty-clear" variant="default" onClick={onClear}>
            Clear the filters
          </Button>
        }
      >
        Widen the dates, or look at another subscription.
      </EmptyState>
    )
  }
  return dead ? (
    <EmptyState icon="done" title="Nothing was given up">
      What fails three times would stand here, with why, to be replayed.
    </EmptyState>
  ) : (
    <EmptyState icon="bell" title="Nothing has arrived yet">
      What Microsoft tells appears here by itself, the newest first.
    </EmptyState>
  )
}
