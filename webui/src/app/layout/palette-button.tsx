import { UnstyledButton } from '@mantine/core'
import { Icon } from '@/ui/icons'
import classes from './shell.module.css'

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent)

/** Opens the command palette; says the keys that do so too. */
export function PaletteButton({ onOpen }: { onOpen: () => void }) {
  return (
    <UnstyledButton id="palette-open" className={classes.find} onClick={onOpen} aria-label="Find people, requests and pages" aria-keyshortcuts="Control+K Meta+K">
      <Icon name="search" size={16} />
      <span>Find</span>
      <kbd className={classes.key}>{APPLE ? '⌘ K' : 'Ctrl K'}</kbd>
    </UnstyledButton>
  )
}
