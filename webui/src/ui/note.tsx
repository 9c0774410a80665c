import type { ReactNode } from 'react'
import { Icon, type IconName } from './icons'
import type { Tone } from './tone'
import classes from './note.module.css'

const ICONS: Record<Tone, IconName> = { ok: 'done', warn: 'warning', bad: 'alert', info: 'info', neutral: 'info' }

interface NoteProps {
  tone: Tone
  title?: ReactNode
  children?: ReactNode
  actions?: ReactNode
  /** `alert` interrupts a screen reader; `status` waits its turn. Without one the note is plain text. */
  role?: 'alert' | 'status'
  id?: string
}

/** A tinted box with an icon: what happened, and beside it what to do. */
export function Note({ tone, title, children, actions, role, id }: NoteProps) {
  return (
    <div className={classes.note} data-tone={tone} role={role} id={id}>
      <Icon name={ICONS[tone]} size={18} className={classes.icon} />
      <div className={classes.text}>
        {title !== undefined && <div className={classes.title}>{title}</div>}
        {children !== undefined && <div className={classes.body}>{children}</div>}
        {actions != null && actions !== false && <div className={classes.actions}>{actions}</div>}
      </div>
    </div>
  )
}
