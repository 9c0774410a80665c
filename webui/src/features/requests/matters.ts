import type { ActionRead, ResultRead } from '@/api/types'
import { count } from '@/lib/format'
import { ownerOf } from './components/task-owner'

/** Something in a request that somebody has to look into. */
export interface Matter {
  key: string
  kind: 'error' | 'task' | 'invitation' | 'password'
  app: string
  title: string
  words: string
  /** When it lapses. */
  until: string | null
  /** The action to look at; null: the app itself. */
  action: string | null
}

function failures(result: ResultRead): Matter[] {
  const failed = result.actions.filter((action) => action.state === 'failed')
  const [first] = failed
  const error = first?.error ?? result.error
  if (error == null || (failed.length === 0 && result.state !== 'error' && result.state !== 'partial')) return []
  const words = failed.length > 1 ? `${count(failed.length, 'action')} failed. ${error.message}` : error.message
  return [{ key: `${result.app}-error`, kind: 'error', app: result.app, title: result.title, words, until: null, action: first?.key ?? null }]
}

function matterOf(result: ResultRead, action: ActionRead, me: string | null): Matter | null {
  const about = { key: `${result.app}-${action.key}`, app: result.app, title: result.title, until: null, action: action.key }
  if (action.state === 'awaiting_person' && action.task !== null) {
    return { ...about, kind: 'task', words: `${action.title}: ${ownerOf(action.task, me)}` }
  }
  if (action.state === 'awaiting_acceptance') {
    return { ...about, kind: 'invitation', words: 'The invitation waits to be accepted', until: action.expires_at }
  }
  if (action.first_password?.state === 'sealed') {
    return { ...about, kind: 'password', words: 'The first password waits to be handed over', until: action.first_password.expires_at }
  }
  return null
}

const ORDER: Matter['kind'][] = ['error', 'task', 'invitation', 'password']

/** What needs somebody: errors first, then tasks, invitations and passwords; each in the order of the apps. */
export function mattersOf(results: readonly ResultRead[], me: string | null): Matter[] {
  const found = results.flatMap((result) => [
    ...failures(result),
    ...result.actions.flatMap((action) => matterOf(result, action, me) ?? []),
  ])
  return found.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
}
