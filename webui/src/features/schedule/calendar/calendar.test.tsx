import { fireEvent, screen } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import type { EntryRead } from '@/api/types'
import { showRouted } from '@/test/render'
import { entryOf } from '@/test/schedules'
import { Calendar } from './calendar'

async function showCalendar(entries: EntryRead[], extra: Partial<Parameters<typeof Calendar>[0]> = {}) {
  const onMove = vi.fn()
  await showRouted(<Calendar view="month" day="2099-11-24" zone="Europe/Berlin" entries={entries} refreshing={false} mayMove onMove={onMove} {...extra} />)
  return onMove
}

const far = entryOf({ at: '2099-11-24T07:00:00Z', local: '2099-11-24T08:00:00+01:00' })

/** What a browser hands to both ends of a drag. */
const dataTransfer = { setData: vi.fn(), effectAllowed: 'none' }

describe('the calendar', () => {
  it('shows each time on its day, on the clocks of its zone, with its state in words', async () => {
    await showCalendar([far, entryOf({ ...far, schedule_id: 's2', run_id: 'run2', run_state: 'failed', full_name: 'Bea', at: '2099-11-25T23:30:00Z' })])
    const day = document.getElementById('calendar-day-2099-11-24')
    expect(day).toHaveTextContent('08:00Mary Jackson')
    const next = document.getElementById('calendar-day-2099-11-26')
    expect(next).toHaveTextContent('00:30Bea, Failed')
  })

  it('moves what is dropped on another day by as many days', async () => {
    const onMove = await showCalendar([far])
    fireEvent.dragStart(screen.getByRole('link', { name: /Mary/ }), { dataTransfer })
    const target = document.getElementById('calendar-day-2099-12-03')
    if (target === null) throw new Error('there is no such day')
    fireEvent.dragOver(target, { dataTransfer })
    expect(target).toHaveAttribute('data-over')
    fireEvent.drop(target, { dataTransfer })
    expect(onMove).toHaveBeenCalledExactlyOnceWith(far, 9)
  })

  it('moves by a day or a week with Shift and an arrow key', async () => {
    const onMove = await showCalendar([far])
    const link = screen.getByRole('link', { name: /Mary/ })
    fireEvent.keyDown(link, { key: 'ArrowDown', shiftKey: true })
    fireEvent.keyDown(link, { key: 'ArrowLeft', shiftKey: true })
    fireEvent.keyDown(link, { key: 'ArrowRight' })
    expect(onMove.mock.calls).toEqual([[far, 7], [far, -1]])
  })

  it.each([
    ['has run', { run_id: 'run1', run_state: 'completed' as const }],
    ['repeats', { recurring: true }],
    ['is cancelled', { status: 'cancelled' as const }],
  ])('leaves where it is what %s', async (_, extra) => {
    const onMove = await showCalendar([entryOf({ ...far, ...extra })])
    const link = screen.getByRole('link', { name: /Mary/ })
    expect(link).toHaveAttribute('draggable', 'false')
    fireEvent.keyDown(link, { key: 'ArrowRight', shiftKey: true })
    expect(onMove).not.toHaveBeenCalled()
  })

  it('lets those who only read look', async () => {
    const onMove = await showCalendar([far], { mayMove: false })
    fireEvent.keyDown(screen.getByRole('link', { name: /Mary/ }), { key: 'ArrowRight', shiftKey: true })
    expect(onMove).not.toHaveBeenCalled()
  })

  it('takes nothing on a day that has passed', async () => {
    const onMove = await showCalendar([entryOf({ at: new Date(Date.now() + 3_600_000).toISOString() })], { day: '2000-01-15' })
    expect(screen.queryByRole('link')).toBeNull()
    const past = document.getElementById('calendar-day-2000-01-15')
    expect(past).toHaveAttribute('data-past')
    expect(past && fireEvent.dragOver(past, { dataTransfer })).toBe(true)
    expect(onMove).not.toHaveBeenCalled()
  })

  it('leads to all of a busy day', async () => {
    await showCalendar(Array.from({ length: 200 }, (_, n) => entryOf({ ...far, schedule_id: `s${n}`, full_name: `Person ${n}` })))
    expect(screen.getAllByRole('link', { name: /Person/ })).toHaveLength(4)
    expect(screen.getByRole('link', { name: /^196 more ?on 24 November$/ })).toHaveAttribute('href', expect.stringContaining('view=week'))
  })
})
