import { ApiError } from '@/api/errors'
import type { SubscriptionCreate } from '@/api/types'

export type What = 'mail' | 'calendar' | 'contacts' | 'users' | 'groups' | 'other'
type Change = 'created' | 'updated' | 'deleted'

export const WHATS: readonly { value: What; label: string }[] = [
  { value: 'mail', label: 'Mail' },
  { value: 'calendar', label: 'Calendars' },
  { value: 'contacts', label: 'Contacts' },
  { value: 'users', label: 'All users of the directory' },
  { value: 'groups', label: 'All groups of the directory' },
  { value: 'other', label: 'Something else, by its path' },
]

export interface SubscribeDraft {
  what: What
  /** One address a line; for `other` one path a line. */
  who: string
  folder: string
  changes: Change[]
  rich: boolean
}

export const NEW_DRAFT: SubscribeDraft = { what: 'mail', who: '', folder: '', changes: ['created', 'updated'], rich: false }
const MOST = 100
const DIRECTORY = new Set<What>(['users', 'groups'])

/** Whether it is about the directory: Microsoft then tells new ones as changed, and sends no data. */
export function isDirectory({ what }: Pick<SubscribeDraft, 'what'>): boolean {
  return DIRECTORY.has(what)
}

/** Whether one must say whose. */
export function needsWho({ what }: Pick<SubscribeDraft, 'what'>): boolean {
  return !DIRECTORY.has(what)
}

function linesOf({ who }: Pick<SubscribeDraft, 'who'>): string[] {
  return [...new Set(who.split(/[\n,;]+/).map((line) => line.trim()).filter((line) => line !== ''))]
}

function resourcesOf(draft: SubscribeDraft): string[] {
  if (!needsWho(draft)) return [draft.what]
  const folder = draft.folder.trim()
  return linesOf(draft).map((who) => {
    if (draft.what === 'mail') return folder === '' ? `users/${who}/messages` : `users/${who}/mailFolders/${folder}/messages`
    if (draft.what === 'calendar') return `users/${who}/events`
    return draft.what === 'contacts' ? `users/${who}/contacts` : who
  })
}

/** The changes that can be told of what is chosen. */
export function changesOf(draft: SubscribeDraft): Change[] {
  return draft.changes.filter((change) => change !== 'created' || !isDirectory(draft))
}

/** What is asked of the server: one wish for each line. */
export function wishesOf(draft: SubscribeDraft): SubscriptionCreate[] {
  return resourcesOf(draft).map((resource) => ({ resource, change_types: changesOf(draft), include_resource_data: draft.rich && !isDirectory(draft) }))
}

/** What must be mended before it can be sent. */
export function problemsIn(draft: SubscribeDraft): Record<string, string> {
  const problems: Record<string, string> = {}
  const lines = linesOf(draft)
  if (needsWho(draft) && lines.length === 0) problems.who = draft.what === 'other' ? 'Write what to watch.' : 'Write at least one address.'
  if (lines.length > MOST) problems.who = `At most ${MOST} at once; these are ${lines.length.toLocaleString('en')}.`
  if (changesOf(draft).length === 0) problems.changes = 'Choose at least one.'
  return problems
}

const FIELDS: Record<string, string> = { resource: 'who', change_types: 'changes', include_resource_data: 'rich' }

/** What the server refused, beside the fields of the form; `null` for what belongs to none of them. */
export function refusalsIn(error: unknown, draft: SubscribeDraft): Record<string, string> | null {
  if (!(error instanceof ApiError)) return null
  const lines = linesOf(draft)
  const found: Record<string, string> = {}
  for (const { field, message } of error.fields) {
    const [, index, name] = /^items\.(\d+)\.(\w+)/.exec(field) ?? [undefined, undefined, field.split('.')[0] ?? field]
    const own = FIELDS[name ?? '']
    if (own === undefined) return null
    found[own] ??= index === undefined || own !== 'who' ? message : `${lines[Number(index)] ?? `Line ${Number(index) + 1}`}: ${message}`
  }
  return Object.keys(found).length === 0 ? null : found
}
