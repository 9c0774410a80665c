import type { GapRead, NotificationRead, SubscriptionRead } from '@/api/types'
import { formatValue, humanize, joinWords } from '@/lib/format'

const SHAPES: [RegExp, (who: string, folder: string) => string][] = [
  [/^users\/([^/]+)\/mailFolders(?:\/|\(')([^/']+)(?:'\))?\/messages$/i, (who, folder) => `Mail of ${who} in ${folder}`],
  [/^users\/([^/]+)\/messages$/i, (who) => `Mail of ${who}`],
  [/^users\/([^/]+)\/events$/i, (who) => `Calendar of ${who}`],
  [/^users\/([^/]+)\/contacts$/i, (who) => `Contacts of ${who}`],
  [/^users\/([^/]+)$/i, (who) => `User ${who}`],
  [/^groups\/([^/]+)$/i, (who) => `Group ${who}`],
  [/^users$/i, () => 'All users'],
  [/^groups$/i, () => 'All groups'],
]

/** What a resource is, in words: “Mail of ada@acme.example”. */
export function resourceWords(resource: string): string {
  for (const [shape, words] of SHAPES) {
    const found = shape.exec(resource)
    if (found) return words(found[1] ?? '', found[2] ?? '')
  }
  return resource
}

const CHANGE_WORDS: Record<string, string> = {
  created: 'New',
  updated: 'Changed',
  deleted: 'Deleted',
  reauthorizationRequired: 'Microsoft asks for consent again',
  subscriptionRemoved: 'Microsoft ended the subscription',
  missed: 'Microsoft could not tell everything',
}

/** A change type as a filter and a fact name it. */
export function changeWords(change: string): string {
  return CHANGE_WORDS[change] ?? humanize(change)
}

const NOUNS: Record<string, string> = { message: 'mail', event: 'calendar entry', contact: 'contact', user: 'user', group: 'group' }

const ORDER = ['created', 'updated', 'deleted']

/** The changes that a subscription tells of: “new, changed and deleted”. */
export function changesWords(changes: readonly string[]): string {
  return joinWords(changes.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)).map((change) => changeWords(change).toLowerCase()))
}

/** What a notification tells: “New mail”, “User changed”. Microsoft tells a new user or group as changed. */
export function eventWords({ kind, change_type }: Pick<NotificationRead, 'kind' | 'change_type'>, of: Pick<SubscriptionRead, 'resource_kind'> | undefined): string {
  const noun = kind === 'change' && of !== undefined ? NOUNS[of.resource_kind] : undefined
  if (noun === undefined) return changeWords(change_type)
  return change_type === 'created' ? `New ${noun}` : `${humanize(noun)} ${changeWords(change_type).toLowerCase()}`
}

const OUTCOMES: Record<string, string> = {
  stored: 'The mail was read at Microsoft and stored.',
  unchanged: 'A later look had seen it already, so nothing changed.',
  gone: 'It is gone at Microsoft, and that is noted.',
  looked: 'It was looked at, and nothing of it is kept.',
  ignored: 'The subscription was ended meanwhile, so nothing was done.',
  reacted: 'OneClick does what Microsoft asks for.',
}

/** What came of a notification, in a sentence. */
export function outcomeWords(outcome: NotificationRead['outcome']): string | null {
  const seen = outcome?.seen
  return typeof seen === 'string' ? (OUTCOMES[seen] ?? humanize(seen)) : null
}

/** The facts that were seen of what is no mail. */
export function factsOf(outcome: NotificationRead['outcome']): [string, string][] {
  const facts = outcome?.facts
  if (typeof facts !== 'object' || facts === null) return []
  return Object.entries(facts).map(([name, value]) => [humanize(name), formatValue(value)])
}

const REASONS: Record<GapRead['reason'], string> = {
  baseline: 'Where reading began',
  missed: 'Microsoft said that it missed telling something',
  removed: 'The subscription was gone at Microsoft',
  lapsed: 'The subscription ended before it was renewed',
  cursor_lost: 'Microsoft forgot how far we had read',
  reconcile: 'Looked through regularly',
  asked: 'Somebody asked to read what changed',
}

/** Why a time may lack something. */
export function reasonWords(reason: GapRead['reason']): string {
  return REASONS[reason]
}

const CLOSERS: Record<NonNullable<GapRead['closed_by']>, string> = {
  delta: 'Read what changed since',
  full_resync: 'Read everything again',
  not_possible: 'Microsoft offers no way: look there',
}

/** What closed a gap. */
export function closerWords(by: NonNullable<GapRead['closed_by']>): string {
  return CLOSERS[by]
}

/** What is about to happen to a subscription, if anything. */
export function askedWords({ asked }: Pick<SubscriptionRead, 'asked'>): string | null {
  if (asked === 'renew') return 'is being renewed'
  return asked === 'reauthorize' ? 'is being authorised again' : null
}
