import type { IconName } from '@/ui/icons'

interface Kind {
  icon: IconName
  /** The part of a sentence that says what `n` of these do. */
  phrase: (n: number) => string
}

const few = (verb: string, one: string, many = `${one}s`, tail = '') => (n: number) =>
  `${verb} ${n} ${n === 1 ? one : many}${tail}`

/** What each kind of action looks like and how it is counted in words, in the order in which people think of them. */
export const KINDS: Record<string, Kind> = {
  create: { icon: 'plus', phrase: few('create', 'account') },
  invite: { icon: 'mail', phrase: few('send', 'invitation') },
  acceptance: { icon: 'clock', phrase: few('wait for', 'acceptance') },
  adopt: { icon: 'link', phrase: few('link', 'existing account') },
  assign_license: { icon: 'license', phrase: few('assign', 'licence') },
  manual_task: { icon: 'task', phrase: few('leave', 'task', 'tasks', ' to a person') },
  add_to_group: { icon: 'group', phrase: few('add to', 'group') },
  grant_role: { icon: 'key', phrase: few('grant', 'role') },
  update: { icon: 'pencil', phrase: few('change', 'setting') },
  transfer_data: { icon: 'swap', phrase: few('hand over', 'item') },
  revoke_sessions: { icon: 'signOut', phrase: few('end sessions in', 'app') },
  suspend: { icon: 'stop', phrase: few('suspend', 'account') },
  remove_license: { icon: 'minus', phrase: few('remove', 'licence') },
  remove_from_group: { icon: 'minus', phrase: few('remove from', 'group') },
  delete: { icon: 'trash', phrase: few('delete', 'account') },
  noop: { icon: 'check', phrase: () => 'change nothing' },
}

/** The icon of an action's kind. */
export function iconOf(kind: string): IconName {
  return KINDS[kind]?.icon ?? 'dots'
}
