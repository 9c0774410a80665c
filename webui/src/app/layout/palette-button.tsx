import { UnstyledButton } from '@mantine/core'
import { Icon } from '@/ui/icons'
import classes from './shell.module.css'

const APPLE = /Mac|iPhone|iPad/.test(navigator.userAgent)

/** Opens the command palette; says the keys that do so too. */
export function PaletteButton({ onOpen }: { onOpen: () => void }) {
  return (
    <UnstyledButton id="palette-open" className={classes.find} onClick={onOpen} aria-keyshortcuts="Control+K Meta+K">
      <Icon name="search" size={16} />
      <span className={classes.findWords}>Find people, requests, pages</span>
      <kbd className={classes.key} aria-hidden="true">{APPLE ? '⌘ K' : 'Ctrl K'}</kbd>
    </UnstyledButton>
  )
}
