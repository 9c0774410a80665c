import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { notificationHealthQuery } from '@/features/notifications/api'
import type { NotificationFilters, View } from '@/features/notifications/filters'
import classes from '@/features/notifications/notifications.module.css'
import { SubscribeDialog } from '@/features/notifications/subscribe-dialog'
import { useFeed } from '@/features/notifications/use-feed'
import { watchedCounts } from '@/features/notifications/verdict'
import { can, sessionQuery } from '@/features/session/api'
import { count } from '@/lib/format'
import { withFilter } from '@/lib/filters'
import { Icon } from '@/ui/icons'
import { notify } from '@/ui/notify'
import { Page } from '@/ui/page'
import type { Tone } from '@/ui/tone'
import { EventsView } from './events-view'
import { GapsView } from './gaps-view'
import { MessagesView } from './messages-view'
import { OverviewView } from './overview-view'

const route = getRouteApi('/signed-in/admin/notifications')

/** What Microsoft tells of what changes: what is watched, what arrived, and what was missed. */
export function NotificationsPage() {
  const filters: NotificationFilters = route.useSearch()
  const navigate = route.useNavigate()
  const { data: session } = useQuery(sessionQuery)
  const feed = useFeed()
  const health = useQuery(notificationHealthQuery)
  const [subscribing, setSubscribing] = useState(false)
  const mayWrite = can(session, 'notifications:write')
  const mayReadMail = can(session, 'messages:read')
  const nothing = health.data !== undefined && watchedCounts(health.data).wanted === 0
  const { view } = filters
  const subscribe = mayWrite && (
    <Button id="notifications-subscribe" aria-haspopup="dialog" leftSection={<Icon name="plus" size={16} />} onClick={() => { setSubscribing(true) }}>
      Watch something
    </Button>
  )
  const shared = {
    filters,
    mayWrite,
    onChange: (change: Partial<NotificationFilters>) => void navigate({ search: (before) => withFilter<NotificationFilters>(before, change), replace: true }),
    // A dialog leaves the list where it is, and the browser's way back closes it.
    onOpen: (open: string | undefined) => void navigate({ search: (before) => withFilter<NotificationFilters>(before, { open, offset: before.offset }) }),
    onClear: () => void navigate({ search: view === undefined ? {} : { view } }),
  }
  return (
    <Page
      title="Notifications"
      lead="Microsoft tells OneClick what changes in mailboxes, calendars, contacts and the directory. Each is worked on once; what was missed is read afterwards."
      action={nothing && view === undefined ? undefined : subscribe}
    >
      <Views view={view} dead={health.data?.notifications.dead ?? 0} gaps={health.data?.open_gaps ?? 0} mayReadMail={mayReadMail} />
      {view === undefined && <OverviewView {...shared} health={health} subscribe={subscribe} />}
      {(view === 'events' || view === 'dead') && <EventsView key={view} {...shared} feed={feed} mayReadMail={mayReadMail} />}
      {view === 'messages' && <MessagesView {...shared} mayReadMail={mayReadMail} />}
      {view === 'gaps' && <GapsView {...shared} />}
      {subscribing && (
        <SubscribeDialog
          onMade={(made) => {
            setSubscribing(false)
            notify('ok', `${count(made.length, 'subscription')} asked for`, 'OneClick subscribes at Microsoft now; the list shows how far that is.')
            void navigate({ search: {} })
          }}
          onClose={() => { setSubscribing(false) }}
        />
      )}
    </Page>
  )
}

const VIEWS: { view?: View; label: string; mail?: true }[] = [
  { label: 'Overview' },
  { view: 'events', label: 'What arrived' },
  { view: 'dead', label: 'Given up' },
  { view: 'messages', label: 'Messages', mail: true },
  { view: 'gaps', label: 'Gaps' },
]

/** The parts of the page, with how many need a look. */
function Views({ view: open, dead, gaps, mayReadMail }: { view: View | undefined; dead: number; gaps: number; mayReadMail: boolean }) {
  const bar = useRef<HTMLElement>(null)
  useEffect(() => {
    // Narrow windows show a part of the bar: the one that is open is in it.
    bar.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
  }, [open])
  const counts: Partial<Record<View, [number, Tone, string]>> = { dead: [dead, 'bad', 'given up'], gaps: [gaps, 'info', 'open'] }
  return (
    <nav ref={bar} className={classes.views} aria-label="Parts of this page">
      {VIEWS.filter(({ mail }) => mail === undefined || mayReadMail).map(({ view, label }) => {
        const [n, tone, words] = (view && counts[view]) ?? [0]
        return (
          <Link
            key={label}
            id={`view-${view ?? 'overview'}`}
            to="/admin/notifications"
            search={{ view }}
            activeOptions={{ explicitUndefined: true }}
            className={classes.view}
          >
            {label}
            {n > 0 && (
              <span className={classes.badge} data-tone={tone} id={`view-${view ?? 'overview'}-count`}>
                {n.toLocaleString('en')}
                <span className="visually-hidden"> {words}</span>
              </span>
            )}
          </Link>
        )
      })}
    </nav>
  )
}
