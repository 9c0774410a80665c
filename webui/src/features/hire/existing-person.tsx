import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { joinWords } from '@/lib/format'
import { ButtonLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { existingPersonQuery } from './api'
import { NOBODY, type Person } from './draft'

/** Looks whether the address belongs to somebody known, and offers a rerun for them. */
export function ExistingPerson({ workEmail, person, onFill }: { workEmail: string; person: Person; onFill: (change: Partial<Person>) => void }) {
  const [email] = useDebouncedValue(workEmail, 400)
  const { data: known } = useQuery({ ...existingPersonQuery(email), enabled: email === workEmail && email !== '' })
  if (!known) return null

  const found: Partial<Person> = {}
  for (const name of Object.keys(NOBODY) as (keyof Person)[]) {
    const value = known[name as keyof typeof known]
    if (name !== 'work_email' && typeof value === 'string' && value !== '' && value !== person[name]) found[name] = value
  }
  const accounts = known.accounts.map((account) => account.title)
  return (
    <Note
      tone="info"
      role="status"
      id="existing-person"
      title={`${known.full_name} is already here`}
      actions={
        <>
          {Object.keys(found).length > 0 && (
            <Button
              id="existing-person-fill"
              variant="default"
              size="xs"
              onClick={() => {
                onFill(found)
              }}
            >
              Fill in what is known
            </Button>
          )}
          <ButtonLink id="existing-person-open" to="/people/$personId" params={{ personId: known.id }} variant="default" size="xs" target="_blank">
            Open their page
          </ButtonLink>
        </>
      }
    >
      {accounts.length > 0 ? `They have accounts in ${joinWords(accounts)}. ` : 'They have no accounts yet. '}
      Going on runs this again for them: what is right stays, what is missing is added, and no second account is made.
    </Note>
  )
}
