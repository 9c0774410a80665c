import { Radio, Stack } from '@mantine/core'
import type { ConnectionMethodRead } from '@/api/types'
import { slug } from '@/lib/format'
import { CopyButton } from '@/ui/copy-button'
import { Note } from '@/ui/note'
import classes from './connections.module.css'
import { ScopeList } from './scopes'

interface MethodChoiceProps {
  methods: readonly ConnectionMethodRead[]
  chosen: ConnectionMethodRead
  onChoose: (key: string) => void
}

/** The ways to connect a vendor; one alone is not asked about. */
export function MethodChoice({ methods, chosen, onChoose }: MethodChoiceProps) {
  if (methods.length === 1) return <div>{chosen.explanation}</div>
  return (
    <Radio.Group id="connect-methods" label="How to connect" value={chosen.key} onChange={onChoose}>
      <Stack gap="xs" mt={6}>
        {methods.map((method) => (
          <div key={method.key} className={classes.method} data-chosen={method === chosen || undefined}>
            <Radio id={`connect-method-${slug(method.key)}`} value={method.key} label={method.title} description={method.explanation} />
          </div>
        ))}
      </Stack>
    </Radio.Group>
  )
}

/** What must be prepared at the vendor, and what OneClick will ask for there. */
export function MethodDetails({ method }: { method: ConnectionMethodRead }) {
  return (
    <>
      {!method.available && (
        <Note tone="warn" id="connect-unavailable" title="It cannot be connected this way yet">
          {method.unavailable_reason}
        </Note>
      )}
      {method.preparation.length > 0 && (
        <section aria-labelledby="connect-preparation-title">
          <h3 className={classes.sectionTitle} id="connect-preparation-title">
            Prepare at the vendor
          </h3>
          <ol className={classes.preparation} id="connect-preparation">
            {method.preparation.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </section>
      )}
      {method.scopes.length > 0 && (
        <section aria-labelledby="connect-scopes-title">
          <div className={classes.sectionHead}>
            <h3 className={classes.sectionTitle} id="connect-scopes-title">
              What OneClick needs, and what for
            </h3>
            {method.kind === 'typed_in' && <CopyButton id="connect-scopes-copy" value={method.scopes.map(({ name }) => name).join(',')} label="Copy all of them" compact />}
          </div>
          <ScopeList id="connect-scopes" scopes={method.scopes} />
        </section>
      )}
    </>
  )
}
