import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { actionOf, requestOf, taskOf } from '@/test/samples'
import { HandOverDialog } from './hand-over-dialog'

const action = actionOf({ title: 'Make a card for Jo', kind: 'manual_task', state: 'awaiting_person', task: taskOf() })
const PATH = 'POST /api/requests/r1/actions/a1/assign'

describe('handing a task over', () => {
  it('names an operator by address and closes when it is done', async () => {
    const heard = answers({ [PATH]: { body: requestOf() } })
    const close = vi.fn()
    show(<HandOverDialog requestId="r1" action={action} onClose={close} />)
    const confirm = screen.getByRole('button', { name: 'Hand over' })
    expect(confirm).toBeDisabled()
    await userEvent.type(screen.getByLabelText('To whom'), 'bea@acme.example{Enter}')
    await waitFor(() => {
      expect(close).toHaveBeenCalled()
    })
    expect(heard.find((call) => call.method === 'POST')?.body).toEqual({ assignee: 'bea@acme.example' })
  })

  it('says beside the field why somebody cannot have it, until it is edited', async () => {
    const message = 'Carl may only read.'
    answers({ [PATH]: { status: 422, body: { code: 'invalid_input', errors: [{ field: 'assignee', message, code: 'may_only_read' }] } } })
    const close = vi.fn()
    show(<HandOverDialog requestId="r1" action={action} onClose={close} />)
    await userEvent.type(screen.getByLabelText('To whom'), 'carl@acme.example{Enter}')
    expect(await screen.findByText(message)).toBeVisible()
    expect(screen.getByLabelText('To whom')).toBeInvalid()
    expect(close).not.toHaveBeenCalled()
    await userEvent.type(screen.getByLabelText('To whom'), 'x')
    expect(screen.queryByText(message)).not.toBeInTheDocument()
  })
})
