import { Button, Title } from '@mantine/core'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import { messageOf } from '@/api/errors'
import type { NotificationHealthRead, SubscriptionRead } from '@/api/types'
import { subscriptionsQuery, useRenewAll, useSubscriptionAct, type SubscriptionAct } from '@/features/notifications/api'
import type { NotificationFilters } from '@/features/notifications/filters'
import { Findings, HealthTiles } from '@/features/notifications/health'
import classes from '@/features/notifications/notifications.module.css'
import { SubscriptionDialog } from '@/features/notifications/subscription-dialog'
import { SubscriptionMenu } from '@/features/notifications/subscription-menu'
import { SubscriptionsTable } from '@/features/notifications/subscriptions-table'
import { resourceWords } from '@/features/notifications/words'
import { count } from '@/lib/format'
import { Confirm } from '@/ui/confirm'
import { Icon } from '@/ui/icons'
import { notify } from '@/ui/notify'
import { EmptyState, ErrorState, LoadingBlocks } from '@/ui/page'

interface OverviewViewProps {
  filters: NotificationFilters
  mayWrite: boolean
  health: UseQueryResult<NotificationHealthRead>
  subscribe: ReactNode
  onChange: (change: Partial<NotificationFilters>) => void
  onOpen: (open: string | undefined) => void
}

const DONE: Record<Exclude<SubscriptionAct, 'delete'>, [string, string]> = {
  renew: ['is being renewed', 'The list shows the new end as soon as Microsoft has granted it.'],
  reauthorize: ['is being authorised again', 'Microsoft is told that OneClick may still watch.'],
  resync: ['is being read', 'What changed since the last sure moment is read now. The gaps say what that brought.'],
}

/** How it is, and what is watched. */
export function OverviewView({ filters, mayWrite, health, subscribe, onChange, onOpen }: OverviewViewProps) {
  const navigate = useNavigate({ from: '/admin/notifications' })
  const query = useQuery(subscriptionsQuery(filters.offset ?? 0))
  const acting = useSubscriptionAct()
  const [ending, setEnding] = useState<SubscriptionRead | null>(null)
  const open = (one: SubscriptionRead) => { onOpen(one.id) }

  function act(one: SubscriptionRead, what: SubscriptionAct) {
    if (what === 'delete') {
      setEnding(one)
      return
    }
    acting.mutate(
      { id: one.id, what },
      {
        onSuccess: () => { notify('ok', `${resourceWords(one.resource)} ${DONE[what][0]}`, DONE[what][1]) },
        onError: (error) => { notify('bad', 'Nothing was done', messageOf(error)) },
      },
    )
  }

  return (
    <>
      {health.isError ? (
        <ErrorState id="notifications-health" error={health.error} onRetry={() => void health.refetch()} />
      ) : health.data === undefined ? (
        <LoadingBlocks blocks={2} height={72} />
      ) : query.data?.total === 0 && health.data.problems.length === 0 ? null : (
        <>
          <Findings health={health.data} onOpen={open} />
          <HealthTiles health={health.data} />
        </>
      )}
      {query.isError ? (
        <ErrorState id="subscriptions" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data?.total === 0 ? (
        <EmptyState icon="bell" title="Nothing is watched yet" action={subscribe}>
          Watch a mailbox, and a mail that arrives there is in OneClick within seconds, once. Microsoft 365 must be connected by an administrator’s consent or with an
          app registration; somebody’s own consent watches their own mailbox alone.
        </EmptyState>
      ) : (
        <section aria-labelledby="subscriptions-title">
          <div className={classes.toolbar}>
            <Title order={2} id="subscriptions-title" mb="sm">
              What is watched
            </Title>
            {mayWrite && <RenewAll />}
          </div>
          <SubscriptionsTable
            page={query.data}
            refreshing={query.isPlaceholderData}
            onOpen={open}
            onOffset={(offset) => { onChange({ offset: offset === 0 ? undefined : offset }) }}
            acts={mayWrite ? (one) => <SubscriptionMenu subscription={one} onAct={act} /> : undefined}
          />
        </section>
      )}
      {filters.open !== undefined && (
        <SubscriptionDialog
          id={filters.open}
          mayWrite={mayWrite}
          busy={acting.isPending}
          onAct={act}
          onEvents={(one) => void navigate({ search: { view: 'events', subscription: one.id } })}
          onClose={() => { onOpen(undefined) }}
        />
      )}
      {ending && <Ending subscription={ending} onClose={() => { setEnding(null) }} />}
    </>
  )
}

function RenewAll() {
  const renewing = useRenewAll()
  return (
    <Button
      id="subscriptions-renew-all"
      variant="default"
      size="xs"
      mb="sm"
      loading={renewing.isPending}
      leftSection={<Icon name="retry" size={14} />}
      onClick={() => {
        renewing.mutate(undefined, {
          onSuccess: (n) => { notify('ok', `${count(n, 'subscription')} ${n === 1 ? 'is' : 'are'} being renewed`, 'OneClick also does so by itself, at half of each one’s life.') },
          onError: (error) => { notify('bad', 'Nothing was renewed', messageOf(error)) },
        })
      }}
    >
      Renew all now
    </Button>
  )
}

function Ending({ subscription, onClose }: { subscription: SubscriptionRead; onClose: () => void }) {
  const acting = useSubscriptionAct()
  const what = resourceWords(subscription.resource)
  return (
    <Confirm
      id="end-subscription-dialog"
      opened
      title={`End “${what}”?`}
      confirmLabel="End it"
      cancelLabel="Keep it"
      danger
      busy={acting.isPending}
      onConfirm={() => {
        acting.mutate(
          { id: subscription.id, what: 'delete' },
          {
            onSuccess: () => {
              notify('ok', `${what} is watched no more`, 'OneClick ends it at Microsoft now.')
              onClose()
            },
            onError: (error) => { notify('bad', 'It was not ended', messageOf(error)) },
          },
        )
      }}
      onClose={onClose}
    >
      Nothing of it arrives from now on, and what changes meanwhile is not read afterwards. What arrived until now stays until its time is over.
    </Confirm>
  )
}
