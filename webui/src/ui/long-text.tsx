import { UnstyledButton } from '@mantine/core'
import { useState } from 'react'
import classes from './long-text.module.css'

/** What fits the lines that are shown at first, about. */
const FITS = 220

/** Words that may be a page long: a few lines of them, and the rest on demand. */
export function LongText({ id, text, className }: { id: string; text: string; className?: string }) {
  const [open, setOpen] = useState(false)
  const long = text.length > FITS || text.split('\n').length > 3
  return (
    <span className={className}>
      <span id={id} className={classes.text} data-cut={(long && !open) || undefined}>
        {text}
      </span>
      {long && (
        <UnstyledButton
          id={`${id}-more`}
          className={classes.more}
          aria-expanded={open}
          aria-controls={id}
          onClick={() => {
            setOpen(!open)
          }}
        >
          {open ? 'Show less' : 'Show all of it'}
        </UnstyledButton>
      )}
    </span>
  )
}
