import type { GapRead, MessageRead, NotificationRead, SubscriptionCreate, SubscriptionRead } from '../src/api/types.ts'
import { ok, problem, type Reply } from './answer.ts'
import { ago, newId } from './make.ts'

export interface MockNotifications {
  subscriptions: SubscriptionRead[]
  events: NotificationRead[]
  messages: MessageRead[]
  gaps: GapRead[]
}

const LONG = 'maximiliane.von-und-zu-hohenberg-wittelsbach@verkehrsinfrastruktur.acme.example'

function watched(resource: string, extra: Partial<SubscriptionRead> = {}): SubscriptionRead {
  return {
    id: newId(), resource, resource_kind: 'message', change_types: ['created', 'updated'], include_resource_data: false, state: 'active', asked: null, remote_id: newId(),
    life_minutes: 10_070, granted_at: ago(90_000), expires_at: ago(-500_000), renew_at: ago(-200_000), failures: 0, problem: null, last_event_at: ago(40), last_resync_at: ago(90_000),
    created_by: 'Ada Admin', created_at: ago(400_000), deleted_at: null, ...extra,
  }
}

function arrived(of: SubscriptionRead, at: number, extra: Partial<NotificationRead> = {}): NotificationRead {
  return {
    id: newId(), subscription_id: of.id, kind: 'change', change_type: 'created', resource: 'Users/e328/Messages/AAkALgAAAAAAHYQDEapmEc2byACqAC', state: 'done', tries: 1, replays: 0,
    error: null, outcome: { seen: 'stored' }, message_id: null, correlation_id: newId(), received_at: ago(at), processed_at: ago(at - 0.4), ...extra,
  }
}

/** Subscriptions in several states, notifications done, waiting and given up, mails and gaps. */
export function seedNotifications(): MockNotifications {
  const mail = watched('users/admin@acme.example/messages')
  const refused = watched(`users/${LONG}/mailFolders/inbox/messages`, {
    state: 'failing', failures: 3, include_resource_data: true, last_event_at: null, expires_at: ago(-4_000),
    problem: { code: 'missing_scope', message: 'The app registration may not read mails.', remedy: 'In Microsoft Entra give the app registration the permission Mail.Read and grant admin consent. Then renew this subscription.', link: 'https://entra.microsoft.com', vendor_message: 'ErrorAccessDenied: Access is denied. Check credentials and try again.', since: ago(7_000) },
  })
  const users = watched('users', { resource_kind: 'user', change_types: ['deleted', 'updated'], last_event_at: ago(9_000) })
  const messages: MessageRead[] = ['Invoice of November', 'Minutes', null].map((subject, n) => ({
    id: newId(), subscription_id: mail.id, internet_message_id: null, conversation_id: null, sender: { address: 'bob@globex.example', name: 'Bob' }, recipients: [{ kind: 'to', address: 'admin@acme.example', name: 'Admin' }],
    subject, body_preview: 'Dear Ada, please find it attached. '.repeat(8), has_attachments: n === 0, is_read: n > 0, sent_at: null, received_at: ago(40 + n * 4_000), seen_at: ago(39 + n * 4_000), deleted_at: n === 2 ? ago(60) : null,
  }))
  const error = { code: 'unavailable', message: 'Microsoft answered 500.', remedy: 'Replay it when Microsoft answers again.', vendor_message: 'InternalServerError' }
  return {
    subscriptions: [mail, refused, users],
    events: [
      ...messages.map(({ id }, n) => arrived(mail, 40 + n * 4_000, { message_id: id })),
      ...[500, 501, 502].map((at) => arrived(mail, at, { state: 'dead', tries: 3, error, outcome: null })),
      arrived(users, 9_000, { change_type: 'updated', outcome: { seen: 'looked', facts: { displayName: 'Nora Neu' } } }),
      arrived(mail, 12_000, { kind: 'lifecycle', change_type: 'missed', resource: '', outcome: { seen: 'reacted' } }),
    ],
    messages,
    gaps: [
      { id: newId(), subscription_id: refused.id, reason: 'lapsed', from_at: ago(9_000), to_at: ago(7_000), closed_at: null, closed_by: null, found: 0 },
      { id: newId(), subscription_id: mail.id, reason: 'missed', from_at: ago(14_000), to_at: ago(12_000), closed_at: ago(11_900), closed_by: 'delta', found: 3 },
    ],
  }
}

function tally(states: string[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const state of states) sums[state] = (sums[state] ?? 0) + 1
  return sums
}

function replay(event: NotificationRead) {
  Object.assign(event, { state: 'done', error: null, outcome: { seen: 'stored' }, replays: event.replays + 1, processed_at: ago(0) })
}

type Paged = (items: unknown[]) => unknown

/** What `/api/ms365` would answer. */
export function onNotifications(mock: MockNotifications, method: string, url: URL, [noun, id, what]: string[], raw: Record<string, unknown>, page: Paged): Reply {
  const { subscriptions, events, messages, gaps } = mock
  const filter = (name: string) => url.searchParams.get(name) ?? ''
  const ofOne = <Row extends { subscription_id: string }>(rows: Row[]) => rows.filter((row) => row.subscription_id.includes(filter('subscription_id')))
  if (noun === 'health') {
    return ok({
      subscriptions: tally(subscriptions.map(({ state }) => state)), notifications: tally(events.map(({ state }) => state).filter((state) => state !== 'done')), open_gaps: gaps.filter((gap) => gap.closed_at === null).length,
      next_expiry_at: ago(-4_000), oldest_waiting_at: null, last_event_at: ago(40), received_last_hour: 4, lag_seconds: 0.4, problems: subscriptions.filter((one) => one.problem !== null),
    })
  }
  if (noun === 'gaps') return ok(page(ofOne(gaps).filter((gap) => filter('open') === '' || gap.closed_at === null)))
  if (noun === 'messages') {
    const found = messages.find((one) => one.id === id)
    if (id !== undefined) return found ? ok(found) : problem(404, 'message_not_found', 'There is no such message.')
    return ok(page(ofOne(messages).filter(({ subject, sender }) => `${subject ?? ''} ${sender?.address ?? ''}`.toLowerCase().includes(filter('q').toLowerCase()))))
  }
  if (noun === 'notifications' && id === 'replay') {
    const wanted = Array.isArray(raw.ids) ? (raw.ids as string[]) : null
    const dead = events.filter((event) => event.state === 'dead' && (wanted?.includes(event.id) ?? true))
    dead.forEach(replay)
    return ok({ replayed: dead.length }, 202)
  }
  if (noun === 'notifications') {
    const found = events.find((one) => one.id === id)
    if (id === undefined) return ok(page(ofOne(events).filter((one) => one.state.includes(filter('state')) && one.change_type.includes(filter('change_type')))))
    if (!found) return problem(404, 'notification_not_found', 'There is no such notification.')
    if (what === 'replay') replay(found)
    return ok(found)
  }
  if (method === 'POST' && (id === undefined || id === 'bulk')) {
    const wishes = (id === 'bulk' ? raw.items : [raw]) as SubscriptionCreate[]
    if (wishes.some((wish) => subscriptions.some((one) => one.resource === wish.resource))) return problem(409, 'subscription_exists', 'There is a subscription to this resource and these changes already.')
    const made = wishes.map((wish) => watched(wish.resource, { change_types: wish.change_types ?? [], last_event_at: null, created_at: ago(0) }))
    subscriptions.unshift(...made)
    return ok(id === 'bulk' ? { items: made } : made[0], 202)
  }
  if (id === 'renew') return ok({ items: subscriptions }, 202)
  if (id === undefined) return ok(page(subscriptions))
  const found = subscriptions.find((one) => one.id === id)
  if (!found) return problem(404, 'subscription_not_found', 'There is no such subscription.')
  if (method === 'DELETE') subscriptions.splice(subscriptions.indexOf(found), 1)
  return ok(method === 'DELETE' ? { ...found, state: 'deleting' } : found)
}
