import { Button, Paper, Stack, Text, Title } from '@mantine/core'
import { signInAddress } from '@/config/paths'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import classes from './sign-in.module.css'

const REASONS: Record<string, string> = {
  ended: 'Your session has ended. Sign in again and you return to the page you were on.',
  no_role: 'You have no role in OneClick yet. Ask an administrator to give you one, then sign in again.',
  expired: 'The sign-in took too long, or was finished in another tab. Start it again.',
  refused: 'Your identity provider refused the sign-in. If that is a mistake, ask whoever runs it.',
  unavailable: 'Sign-in cannot be reached now. Try again in a minute.',
  failed: 'The sign-in did not finish. Try once more.',
}

/** The way in: one button to the organisation's own identity provider. */
export function SignIn({ returnTo, reason }: { returnTo: string; reason?: string }) {
  return (
    <main className={classes.place}>
      <Paper className={classes.card}>
        <Stack gap="lg">
          <div className={classes.brand}>
            <Icon name="done" size={26} />
            <span>OneClick</span>
          </div>
          <div>
            <Title order={1}>Sign in</Title>
            <Text c="dimmed" mt={4} size="sm">
              Give new colleagues their accounts, see exactly what will happen first, and follow it live.
            </Text>
          </div>
          {reason !== undefined && (
            <Note tone={reason === 'ended' ? 'info' : 'bad'} role="status">
              {REASONS[reason] ?? REASONS.failed}
            </Note>
          )}
          <Button
            id="sign-in-button"
            component="a"
            href={signInAddress(returnTo)}
            size="md"
            fullWidth
            rightSection={<Icon name="arrowRight" size={18} />}
          >
            Continue with your organisation
          </Button>
          <Text size="xs" c="dimmed">
            You sign in at your organisation’s identity provider. OneClick never sees your password.
          </Text>
        </Stack>
      </Paper>
    </main>
  )
}
