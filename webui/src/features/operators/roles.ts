import type { OperatorRead } from '@/api/types'
import { humanize } from '@/lib/format'

/** The roles of a tenant, the strongest first, with what each may. */
export const ROLES = [
  { value: 'admin', label: 'Admin', may: 'Everything: connected accounts, API keys, operators, templates and all that helpdesk may.' },
  { value: 'helpdesk', label: 'Helpdesk', may: 'Makes and repeats requests, schedules them, adds people and opens first passwords.' },
  { value: 'auditor', label: 'Auditor', may: 'Reads everything, with the audit log. Changes nothing.' },
]

export function roleLabel(role: string): string {
  return ROLES.find((one) => one.value === role)?.label ?? humanize(role)
}

const SOURCES: Record<string, string> = { list: 'by the installation’s file', group: 'by a group' }

/** Who else says that they are an operator: the installation’s file, a group. Nothing where only this page does. */
export function saidElsewhere(operator: OperatorRead): string | null {
  const words = [...new Set(operator.grants.filter(({ source }) => source !== 'operator').map(({ source }) => SOURCES[source] ?? `by ${source}`))]
  return words.length === 0 ? null : words.join(' and ')
}
