import { Link } from '@tanstack/react-router'
import type { DragEvent, KeyboardEvent } from 'react'
import type { EntryRead } from '@/api/types'
import { wallOf } from '@/lib/zones'
import { Icon } from '@/ui/icons'
import { lookOf } from '@/ui/state-badge'
import { entryState, isDraggable } from '../look'
import classes from './calendar.module.css'
import { idOf } from './layout'

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }

interface CalendarEntryProps {
  entry: EntryRead
  zone: string
  mayMove: boolean
  onMove: (days: number) => void
  onDrag: (entry: EntryRead | null) => void
}

/** One time in the calendar: leads to its schedule; one that is still to come can be dragged, or moved with Shift and an arrow key. */
export function CalendarEntry({ entry, zone, mayMove, onMove, onDrag }: CalendarEntryProps) {
  const movable = mayMove && isDraggable(entry)
  const state = entryState(entry)
  const look = lookOf(state)
  // What is simply still to come needs no sign.
  const icon = entry.run_state !== null ? look.icon : entry.recurring ? 'retry' : state === 'scheduled' ? null : look.icon
  const time = wallOf(new Date(entry.at), zone).slice(11)

  function onKeyDown(event: KeyboardEvent) {
    const days = STEPS[event.key]
    if (!movable || !event.shiftKey || days === undefined) return
    event.preventDefault()
    onMove(days)
    // It stands in another cell now: the hand stays on it, so that it can go on.
    window.requestAnimationFrame(() => document.getElementById(idOf(entry))?.focus())
  }

  return (
    <Link
      id={idOf(entry)}
      to="/schedule/$scheduleId"
      params={{ scheduleId: entry.schedule_id }}
      className={classes.entry}
      data-state={state}
      data-tone={look.tone}
      data-movable={movable || undefined}
      draggable={movable}
      aria-keyshortcuts={movable ? 'Shift+ArrowLeft Shift+ArrowRight Shift+ArrowUp Shift+ArrowDown' : undefined}
      title={`${time} ${entry.full_name}, ${entry.work_email}: ${look.label}${entry.recurring ? ', repeats' : ''}${entry.tags.length > 0 ? `. ${entry.tags.join(', ')}` : ''}`}
      onKeyDown={onKeyDown}
      onDragStart={(event: DragEvent) => {
        event.dataTransfer.effectAllowed = 'move'
        event.dataTransfer.setData('text/plain', entry.full_name)
        onDrag(entry)
      }}
      onDragEnd={() => {
        onDrag(null)
      }}
    >
      {icon !== null && <Icon name={icon} size={12} />}
      <span className={classes.entryTime}>{time}</span>
      <span className={classes.entryName}>{entry.full_name}</span>
      <span className="visually-hidden">
        , {look.label}
        {entry.recurring ? ', repeats' : ''}
      </span>
    </Link>
  )
}
