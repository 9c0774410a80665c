import type { GapRead, MessageRead, NotificationHealthRead, NotificationRead, SubscriptionRead } from '@/api/types'

export function subscriptionOf(extra: Partial<SubscriptionRead> = {}): SubscriptionRead {
  return {
    id: 's1',
    resource: 'users/ada@acme.example/messages',
    resource_kind: 'message',
    change_types: ['created', 'updated'],
    include_resource_data: false,
    state: 'active',
    asked: null,
    remote_id: 'remote-1',
    life_minutes: 10_070,
    granted_at: '2026-11-20T10:00:00Z',
    expires_at: '2026-11-27T10:00:00Z',
    renew_at: '2026-11-23T22:00:00Z',
    failures: 0,
    problem: null,
    last_event_at: '2026-11-21T10:00:00Z',
    last_resync_at: null,
    created_by: 'Ada',
    created_at: '2026-11-20T10:00:00Z',
    deleted_at: null,
    ...extra,
  }
}

export function notificationOf(extra: Partial<NotificationRead> = {}): NotificationRead {
  return {
    id: 'n1',
    subscription_id: 's1',
    kind: 'change',
    change_type: 'created',
    resource: 'Users/u1/Messages/m1',
    state: 'done',
    tries: 1,
    replays: 0,
    error: null,
    outcome: { seen: 'stored' },
    message_id: null,
    correlation_id: 'c1',
    received_at: '2026-11-21T10:00:00Z',
    processed_at: '2026-11-21T10:00:00.400Z',
    ...extra,
  }
}

export function deadOf(id: string): NotificationRead {
  return notificationOf({
    id,
    state: 'dead',
    tries: 3,
    outcome: null,
    error: { code: 'unavailable', message: 'Microsoft answered 500.', remedy: 'Replay it when Microsoft answers again.', vendor_message: null },
  })
}

export function healthOf(extra: Partial<NotificationHealthRead> = {}): NotificationHealthRead {
  return {
    subscriptions: { active: 2 },
    notifications: {},
    open_gaps: 0,
    next_expiry_at: null,
    oldest_waiting_at: null,
    last_event_at: null,
    received_last_hour: 0,
    lag_seconds: null,
    problems: [],
    ...extra,
  }
}

export function gapOf(extra: Partial<GapRead> = {}): GapRead {
  return { id: 'g1', subscription_id: 's1', reason: 'missed', from_at: '2026-11-21T09:00:00Z', to_at: '2026-11-21T10:00:00Z', closed_at: null, closed_by: null, found: 0, ...extra }
}

export function messageOf(extra: Partial<MessageRead> = {}): MessageRead {
  return {
    id: 'm1',
    subscription_id: 's1',
    internet_message_id: null,
    conversation_id: null,
    sender: { address: 'bob@globex.example', name: 'Bob' },
    recipients: [{ kind: 'to', address: 'ada@acme.example', name: null }],
    subject: 'Invoice',
    body_preview: 'Dear Ada',
    has_attachments: true,
    is_read: false,
    sent_at: null,
    received_at: '2026-11-21T10:00:00Z',
    seen_at: '2026-11-21T10:00:01Z',
    deleted_at: null,
    ...extra,
  }
}
