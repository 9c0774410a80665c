import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { ApiError, messageOf } from '@/api/errors'
import type { ActionRead } from '@/api/types'
import { CopyButton } from '@/ui/copy-button'
import { Note } from '@/ui/note'
import { useRevealPassword } from '../api'
import classes from './live.module.css'

/** Shows the first password once. Closing the dialog forgets it here; the server forgot it when it answered. */
export function PasswordDialog({ requestId, action, account, onClose }: { requestId: string; action: ActionRead; account: string; onClose: () => void }) {
  const reveal = useRevealPassword(requestId)
  const password = reveal.data?.password
  const gone = reveal.error instanceof ApiError && reveal.error.status === 410

  return (
    <Modal
      id="password-dialog"
      opened
      onClose={onClose}
      title="First password"
      closeOnClickOutside={password === undefined}
      closeButtonProps={{ 'aria-label': 'Close', id: 'password-dialog-close' }}
    >
      <Stack gap="md">
        {password === undefined ? (
          <>
            <Text>
              The first password of <strong className={classes.account}>{account}</strong> can be shown once. Have a safe way ready to hand it
              over; whoever opens this dialog next is refused.
            </Text>
            {reveal.isError && (
              <Note tone="bad" role="alert" title={gone ? 'It cannot be shown any more' : 'It could not be opened'}>
                {messageOf(reveal.error)}
              </Note>
            )}
            <Group justify="flex-end" gap="xs">
              <Button id="password-dialog-cancel" variant="default" onClick={onClose}>
                {gone ? 'Close' : 'Not now'}
              </Button>
              {!gone && (
                <Button
                  id="password-dialog-reveal"
                  loading={reveal.isPending}
                  onClick={() => {
                    reveal.mutate(action.id)
                  }}
                >
                  Show it once
                </Button>
              )}
            </Group>
          </>
        ) : (
          <>
            <div className={classes.secret}>
              <output id="password-dialog-value" className="mono" aria-label="First password">
                {password}
              </output>
              <CopyButton id="password-dialog-copy" value={password} label="Copy" />
            </div>
            <Note tone="info">It must be changed at the first sign-in. After you close this it cannot be seen again.</Note>
            <Group justify="flex-end">
              <Button id="password-dialog-done" onClick={onClose}>
                I have it
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  )
}
