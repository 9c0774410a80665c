import { fireEvent, screen, waitFor } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { scheduleOf } from '@/test/schedules'
import { MoveDialog } from './move-dialog'

const item = { at: '2026-11-24T07:00:00Z', local: '2026-11-24T08:00:00+01:00', note: { code: 'gap', message: 'Clocks go forward.' } }
const preview = { body: { time_zone: 'Europe/Berlin', recurrence: null, items: [item] } }

describe('another time for a schedule', () => {
  it('shows what the server makes of it, with what daylight saving does, and sends a time on the wall', async () => {
    const heard = answers({ 'POST /api/schedule/preview': preview, 'PATCH /api/schedule/s1': { body: scheduleOf() } })
    const onMoved = vi.fn()
    show(<MoveDialog schedule={scheduleOf()} onClose={vi.fn()} onMoved={onMoved} />)
    expect(await screen.findByText('Clocks go forward.')).toBeInTheDocument()
    fireEvent.change(screen.getByLabelText('Time *'), { target: { value: '09:30' } })
    fireEvent.click(screen.getByRole('button', { name: 'Reschedule' }))
    await waitFor(() => { expect(onMoved).toHaveBeenCalledOnce() })
    expect(heard.find(({ method }) => method === 'PATCH')?.body).toEqual({ schedule_time: '2026-11-24T09:30:00', time_zone: 'Europe/Berlin', recurrence: null })
  })

  it('puts a refusal beside its field, and one that is about none above the form', async () => {
    const past = { field: 'schedule_time', message: 'This time has passed. Choose one to come.', code: 'past' }
    let refusal: { status: number; body: unknown } = { status: 422, body: { code: 'invalid_input', errors: [past] } }
    answers({ 'POST /api/schedule/preview': preview, 'PATCH /api/schedule/s1': () => refusal })
    show(<MoveDialog schedule={scheduleOf()} onClose={vi.fn()} onMoved={vi.fn()} />)
    fireEvent.click(screen.getByRole('button', { name: 'Reschedule' }))
    expect(await screen.findByText(past.message)).toBeInTheDocument()
    refusal = { status: 409, body: { code: 'schedule_started', detail: 'This schedule has started.' } }
    fireEvent.click(screen.getByRole('button', { name: 'Reschedule' }))
    expect(await screen.findByText('This schedule has started.')).toBeInTheDocument()
  })

  it('asks the server nothing while a field is empty', async () => {
    const heard = answers({ 'POST /api/schedule/preview': preview })
    show(<MoveDialog schedule={scheduleOf()} onClose={vi.fn()} onMoved={vi.fn()} />)
    fireEvent.change(screen.getByLabelText(/^Day/), { target: { value: '' } })
    fireEvent.click(screen.getByRole('button', { name: 'Reschedule' }))
    expect(await screen.findByText('Choose a day and a time.')).toBeInTheDocument()
    expect(heard.filter(({ method }) => method === 'PATCH')).toEqual([])
  })
})
