import { Paper } from '@mantine/core'
import type { EmployeeRead } from '@/api/types'
import classes from './people.module.css'

const FACTS: [keyof EmployeeRead, string][] = [
  ['job_title', 'Job title'],
  ['department', 'Department'],
  ['location', 'Location'],
  ['manager_email', 'Manager'],
  ['start_date', 'Start date'],
  ['personal_email', 'Personal e-mail'],
  ['external_id', 'HR id'],
]

/** What is known about the person; what is not known is left out. */
export function PersonFacts({ person }: { person: EmployeeRead }) {
  const known = FACTS.flatMap(([name, label]) => {
    const value = person[name]
    return typeof value === 'string' && value !== '' ? [{ label, value }] : []
  })
  if (person.tags.length > 0) known.push({ label: 'Tags', value: person.tags.join(', ') })
  if (known.length === 0) return null
  return (
    <Paper p="md">
      <dl className={classes.facts}>
        {known.map(({ label, value }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Paper>
  )
}
