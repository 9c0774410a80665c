import type { ApiKeyCreate } from '@/api/types'
import { humanize } from '@/lib/format'
import { dayInstant } from '@/lib/time'

/** How long a key may live; `day` is a day that is chosen. */
export const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'One year' },
  { value: 'day', label: 'Until a day of my choice' },
  { value: 'never', label: 'Without an end' },
]

export interface KeyDraft {
  name: string
  scopes: readonly string[]
  lifetime: string
  day: string
}

export const NEW_KEY: KeyDraft = { name: '', scopes: [], lifetime: '90', day: '' }

const WORDS: Record<string, string> = {
  'requests:read': 'See requests, their plans and results',
  'requests:write': 'Make, apply, cancel and repeat requests',
  'employees:read': 'See people and their accounts',
  'employees:write': 'Add and change people',
  'apps:read': 'See apps and their choices',
  'audit:read': 'Read the audit log',
  'settings:write': 'Change settings, and which apps are offered',
  'role_templates:read': 'See role templates',
  'role_templates:write': 'Write and delete role templates',
  'schedule:read': 'See what is scheduled',
  'schedule:write': 'Schedule, change and cancel',
  'connections:read': 'See connected accounts and their state',
  'notifications:read': 'See subscriptions to vendors’ notifications',
  'notifications:write': 'Change subscriptions to vendors’ notifications',
  'messages:read': 'Read messages that vendors told of',
}

/** What a scope allows, in words; one that this app does not know is shown by name. */
export function scopeWords(scope: string): string {
  return WORDS[scope] ?? humanize(scope.replace(':', ': '))
}

/** Scopes as a person looks for them: reading and writing of one thing side by side, what has no pair at the end. */
export function inPairs<Scope extends string>(scopes: readonly Scope[]): Scope[] {
  const noun = (scope: string) => scope.split(':')[0] ?? ''
  const alone = (scope: string) => scopes.filter((other) => noun(other) === noun(scope)).length < 2
  return scopes.toSorted((a, b) => Number(alone(a)) - Number(alone(b)) || a.localeCompare(b))
}

/** What is wrong with a draft, by field. */
export function problemsIn(draft: KeyDraft, now: Date): Record<string, string> {
  const problems: Record<string, string> = {}
  if (draft.name.trim() === '') problems.name = 'Give the key a name.'
  if (draft.scopes.length === 0) problems.scopes = 'Choose what the key may do.'
  if (draft.lifetime === 'day') {
    const end = dayInstant(draft.day, 1)
    if (end === undefined) problems.expires_at = 'Choose a day.'
    else if (end <= now.toISOString()) problems.expires_at = 'Choose today or a later day.'
  }
  return problems
}

/** What is sent. A chosen day counts to its end, in the reader's zone. */
export function toBody(draft: KeyDraft, now: Date): ApiKeyCreate {
  return { name: draft.name.trim(), scopes: [...draft.scopes] as ApiKeyCreate['scopes'], expires_at: endOf(draft, now) }
}

function endOf({ lifetime, day }: KeyDraft, now: Date): string | null {
  if (lifetime === 'never') return null
  if (lifetime === 'day') return dayInstant(day, 1) ?? null
  return new Date(now.getTime() + Number(lifetime) * 86_400_000).toISOString()
}
