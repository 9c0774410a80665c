import type { EntryRead, RunState, ScheduleRead } from '@/api/types'

/** Whether it may get another time: it has not begun, or it failed, or it goes on repeating. */
export function isMovable({ status, recurrence }: Pick<ScheduleRead, 'status' | 'recurrence'>): boolean {
  return status === 'pending' || status === 'failed' || (status === 'executing' && recurrence !== null)
}

/** Whether it can still be cancelled: nothing of it runs, or it goes on repeating. */
export function isCancellable({ status, recurrence }: Pick<ScheduleRead, 'status' | 'recurrence'>): boolean {
  return status === 'pending' || (status === 'executing' && recurrence !== null)
}

/** Whether it can be run by hand now. */
export function isExecutable({ status, recurrence }: Pick<ScheduleRead, 'status' | 'recurrence'>): boolean {
  return isMovable({ status, recurrence })
}

/** The state to show for a schedule: what waits for a person says so. */
export function shownState({ status, needs_person }: Pick<ScheduleRead, 'status' | 'needs_person'>): string {
  if (needs_person) return 'needs_person'
  return status === 'pending' ? 'scheduled' : status
}

/** The state to show for one time in the calendar. */
export function entryState({ run_state, status }: Pick<EntryRead, 'run_state' | 'status'>): RunState | 'scheduled' | 'cancelled' {
  return run_state ?? (status === 'cancelled' ? 'cancelled' : 'scheduled')
}

/** Whether one time in the calendar may be dragged elsewhere: a repeating one would change its rule. */
export function isDraggable({ run_id, recurring, status }: Pick<EntryRead, 'run_id' | 'recurring' | 'status'>): boolean {
  return run_id === null && !recurring && status === 'pending'
}
