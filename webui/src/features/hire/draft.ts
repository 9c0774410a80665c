import type { EmployeeCreate } from '@/api/types'
import { isEmail } from '@/lib/email'

/** Page one of the wizard, as typed. */
export interface Person {
  full_name: string
  work_email: string
  personal_email: string
  job_title: string
  department: string
  location: string
  manager_email: string
  start_date: string
}

export const NOBODY: Person = {
  full_name: '',
  work_email: '',
  personal_email: '',
  job_title: '',
  department: '',
  location: '',
  manager_email: '',
  start_date: '',
}

/** What is wrong on page one, by field. The server repeats these checks. */
export function personProblems(person: Person): Partial<Record<keyof Person, string>> {
  const problems: Partial<Record<keyof Person, string>> = {}
  if ([...person.full_name.trim()].length < 2) problems.full_name = 'At least 2 characters.'
  if (!isEmail(person.work_email)) {
    problems.work_email = person.work_email.trim() === '' ? 'This is needed.' : 'This is not an e-mail address.'
  }
  for (const name of ['personal_email', 'manager_email'] as const) {
    if (person[name].trim() !== '' && !isEmail(person[name])) problems[name] = 'This is not an e-mail address.'
  }
  return problems
}

/** Whether page one lets its reader go on: name and e-mail are right, what is optional is right or empty, one app is on. */
export function isPageOneReady(person: Person, apps: readonly string[]): boolean {
  return Object.keys(personProblems(person)).length === 0 && apps.length > 0
}

/** The person on the wire: trimmed, with nothing that was left empty. */
export function toEmployee(person: Person): EmployeeCreate {
  const filled = Object.entries(person)
    .map(([name, value]: [string, string]) => [name, value.trim()] as const)
    .filter(([, value]) => value !== '')
  return Object.fromEntries(filled) as unknown as EmployeeCreate
}
