import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { EmployeeRead } from '@/api/types'
import { joinWords } from '@/lib/format'
import { ButtonLink } from '@/ui/link'
import { Note } from '@/ui/note'
import { existingPersonQuery } from './api'

/** Looks whether the address belongs to somebody known, and offers a rerun for them. */
export function ExistingPerson({ workEmail, onKnown }: { workEmail: string; onKnown: (person: EmployeeRead) => void }) {
  const [email] = useDebouncedValue(workEmail, 400)
  const { data: known } = useQuery({ ...existingPersonQuery(email), enabled: email === workEmail && email !== '' })
  if (!known) return null

  const accounts = known.accounts.map((account) => account.title)
  return (
    <Note
      tone="info"
      role="status"
      id="existing-person"
      title={`${known.full_name} is already here`}
      actions={
        <>
          <Button
            id="existing-person-fill"
            variant="default"
            size="xs"
            onClick={() => {
              onKnown(known)
            }}
          >
            Start from what they have
          </Button>
          <ButtonLink id="existing-person-open" to="/people/$personId" params={{ personId: known.id }} variant="default" size="xs" target="_blank">
            Open their page
          </ButtonLink>
        </>
      }
    >
      {accounts.length > 0 ? `They have accounts in ${joinWords(accounts)}. ` : 'They have no accounts yet. '}
      Going on runs this again for them and makes no second account. What OneClick gave and you leave out is taken away; the
      plan shows it first.
    </Note>
  )
}
