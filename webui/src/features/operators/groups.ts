import type { GroupRoleRead, GroupRolesRead } from '@/api/types'

export interface GroupRow {
  key: string
  group: string
  role: GroupRoleRead['role']
}

/** The stored groups as rows, by name. */
export function rowsOf({ items }: GroupRolesRead): GroupRow[] {
  return inOrder(items).map(({ group, role }) => ({ key: group, group, role }))
}

/** What is sent, in the order of the names. */
export function toItems(rows: readonly GroupRow[]): GroupRoleRead[] {
  return inOrder(rows.map(({ group, role }) => ({ group: group.trim(), role })))
}

function inOrder(items: readonly GroupRoleRead[]): GroupRoleRead[] {
  return items.toSorted((a, b) => a.group.localeCompare(b.group))
}

/** What is wrong with a row. */
export function problemOf(rows: readonly GroupRow[], at: number): string | undefined {
  const name = rows[at]?.group.trim() ?? ''
  if (name === '') return 'Write the group’s name, or take the line out.'
  return rows.findIndex(({ group }) => group.trim() === name) < at ? 'This group stands above already.' : undefined
}
