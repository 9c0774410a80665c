import { Button, Group, Stack } from '@mantine/core'
import { CopyButton } from '@/ui/copy-button'
import { Note } from '@/ui/note'
import classes from './api-keys.module.css'

/** The key itself, for the only time that it is told. */
export function KeyOnce({ value, onDone }: { value: string; onDone: () => void }) {
  return (
    <Stack gap="md">
      <div className={classes.secret}>
        <output id="api-key-value" className="mono" aria-label="API key">
          {value}
        </output>
        <CopyButton id="api-key-copy" value={value} label="Copy" />
      </div>
      <Note tone="warn" title="Copy it now">
        Only a fingerprint of it is kept, so it is never shown again. Put it where its user keeps secrets.
      </Note>
      <div>It is sent with each call:</div>
      {/* Focusable, so that a long line can be scrolled and copied from the keyboard. */}
      <pre className={`mono ${classes.example}`} id="api-key-example" tabIndex={0} aria-label="How to send it">
        {`curl -H "Authorization: Bearer $ONECLICK_API_KEY" \\\n  ${window.location.origin}/api/requests`}
      </pre>
      <Group justify="flex-end">
        <Button id="api-key-done" data-autofocus onClick={onDone}>
          I have it
        </Button>
      </Group>
    </Stack>
  )
}
