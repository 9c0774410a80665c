import { notifications } from '@mantine/notifications'
import type { Tone } from './tone'

const COLORS: Record<Tone, string> = { ok: 'green', warn: 'yellow', bad: 'red', info: 'indigo', neutral: 'gray' }

/** Tells in a corner what became of something, for a few seconds; what must be acted upon belongs on the page. */
export function notify(tone: Tone, title: string, message: string): void {
  notifications.show({ color: COLORS[tone], title, message, closeButtonProps: { 'aria-label': 'Dismiss' } })
}
