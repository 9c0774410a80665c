import { Paper, SimpleGrid, Stack, TextInput, UnstyledButton, Collapse } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import type { AppRead, EmployeeRead } from '@/api/types'
import { slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { AppToggles } from './app-toggles'
import { personProblems, type Person } from './draft'
import { ExistingPerson } from './existing-person'
import classes from './hire.module.css'

interface PersonStepProps {
  person: Person
  onPerson: (change: Partial<Person>) => void
  /** Starts from what is known of somebody: their details, their apps, what they were given. */
  onKnown: (person: EmployeeRead) => void
  /** Chooses a role template. */
  template?: ReactNode
  apps: readonly AppRead[]
  chosen: readonly string[]
  /** Apps that are on because of the role template, and its name. */
  brought: readonly string[]
  broughtBy?: string
  onToggle: (app: string, on: boolean) => void
  whyNot: (app: AppRead) => string | null
  /** What the server said about the person, by field. */
  serverErrors: Readonly<Record<string, string>>
  showAll: boolean
}

type Name = keyof Person

const OPTIONAL: { name: Name; label: string; help?: string; type?: string }[] = [
  { name: 'job_title', label: 'Job title' },
  { name: 'department', label: 'Department' },
  { name: 'location', label: 'Location' },
  { name: 'manager_email', label: 'Manager’s work e-mail', type: 'email', help: 'Entered as the manager where an app has one.' },
  { name: 'start_date', label: 'Start date', type: 'date' },
  { name: 'personal_email', label: 'Personal e-mail', type: 'email', help: 'Where they can be reached before the first day.' },
]

/** Page one: who it is, and which apps they get. */
export function PersonStep({ person, onPerson, onKnown, template, apps, chosen, brought, broughtBy, onToggle, whyNot, serverErrors, showAll }: PersonStepProps) {
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const filled = OPTIONAL.some(({ name }) => person[name] !== '' || serverErrors[name] !== undefined)
  const [more, setMore] = useState(filled)
  const problems = personProblems(person)

  function bind(name: Name) {
    const own = touched.has(name) || showAll ? problems[name] : undefined
    return {
      id: `person-${slug(name)}`,
      name,
      value: person[name],
      error: serverErrors[name] ?? own,
      autoComplete: 'off',
      onBlur: () => {
        if (person[name] !== '') setTouched((before) => new Set([...before, name]))
      },
      onChange: (event: { currentTarget: { value: string } }) => {
        onPerson({ [name]: event.currentTarget.value })
      },
    }
  }

  return (
    <Stack gap="lg">
      <Paper p="lg">
        <Stack gap="md">
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
            <TextInput {...bind('full_name')} label="Full name" withAsterisk aria-required placeholder="Ada Lovelace" maxLength={200} />
            <TextInput {...bind('work_email')} type="email" label="Work e-mail" withAsterisk aria-required placeholder="ada.lovelace@example.com" maxLength={254} />
          </SimpleGrid>
          {problems.work_email === undefined && <ExistingPerson workEmail={person.work_email.trim()} onKnown={onKnown} />}
          <div>
            <UnstyledButton
              id="person-more"
              className={classes.fold}
              aria-expanded={more}
              aria-controls="person-more-fields"
              onClick={() => {
                setMore(!more)
              }}
            >
              <Icon name={more ? 'chevronDown' : 'chevronRight'} size={16} />
              Job details <span className={classes.optional}>optional</span>
            </UnstyledButton>
            <Collapse expanded={more} id="person-more-fields" transitionDuration={0}>
              <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" mt="sm">
                {OPTIONAL.map(({ name, label, help, type }) => (
                  <TextInput key={name} {...bind(name)} label={label} description={help} type={type ?? 'text'} maxLength={254} />
                ))}
              </SimpleGrid>
            </Collapse>
          </div>
        </Stack>
      </Paper>
      {template}
      <AppToggles apps={apps} chosen={chosen} brought={brought} broughtBy={broughtBy} onToggle={onToggle} whyNot={whyNot} />
    </Stack>
  )
}
