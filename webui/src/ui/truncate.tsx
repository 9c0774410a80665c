import { Tooltip } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import classes from './truncate.module.css'

/** One line of text that ends in an ellipsis when it does not fit, and then tells all of itself in a tooltip. */
export function Truncate({ text, children, className }: { text: string; children?: ReactNode; className?: string }) {
  const [cut, setCut] = useState(false)
  return (
    <Tooltip label={text} disabled={!cut}>
      <span
        className={`${classes.line} ${className ?? ''}`}
        onMouseEnter={(event) => {
          const node = event.currentTarget
          setCut(node.scrollWidth > node.clientWidth)
        }}
      >
        {children ?? text}
      </span>
    </Tooltip>
  )
}
