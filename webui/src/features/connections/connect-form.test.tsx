import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { connectionOf, methodOf, vendorOf } from '@/test/samples'
import { ConnectForm } from './connect-form'

const token = { name: 'api_token', label: 'API token', help: '', secret: true, multiline: false, required: true }
const key = { name: 'key_file', label: 'Key file', help: '', secret: true, multiline: true, required: false }
const typed = methodOf('token', { title: 'Token', kind: 'typed_in', fields: [token, key], preparation: ['Make a token.'] })
const consent = methodOf('consent', { title: 'Consent', scopes: [{ name: 'users.write', why: 'Create accounts' }] })
const shut = methodOf('shut', { title: 'Shut', available: false, unavailable_reason: 'No app is registered.' })

function form(extra: Partial<Parameters<typeof ConnectForm>[0]> = {}) {
  const props = { vendor: vendorOf('acme', shut, consent, typed), onConnected: vi.fn(), onClose: vi.fn(), ...extra }
  show(<ConnectForm {...props} />)
  return props
}

describe('connecting a vendor', () => {
  it('leads to the vendor with the first way that works, and says what is asked for there', () => {
    form()
    expect(screen.getByRole('link', { name: /Continue at acme/ })).toHaveAttribute('href', '/auth/oauth/acme/authorize?method=consent&return_to=%2Fadmin%2Fconnections')
    expect(screen.getByText('users.write')).toBeVisible()
    expect(screen.getByText('Create accounts')).toBeVisible()
  })

  it('keeps the connection when it is made again', () => {
    form({ again: connectionOf('acme', { id: 'c1', method: 'consent' }) })
    expect(screen.getByRole('link', { name: /Continue/ }).getAttribute('href')).toContain('connection_id=c1')
  })

  it('says why a way is shut and offers no step there', async () => {
    form()
    await userEvent.click(screen.getByLabelText('Shut'))
    expect(screen.getByText('No app is registered.')).toBeVisible()
    expect(screen.getByRole('button', { name: /Continue/ })).toBeDisabled()
  })

  it('sends what was typed in, without what surrounds it, and never before what must be there is there', async () => {
    const heard = answers({ 'POST /api/connections/acme': { status: 201, body: connectionOf('acme') } })
    const { onConnected } = form({ vendor: vendorOf('acme', typed) })
    await userEvent.click(screen.getByRole('button', { name: 'Check and connect' }))
    expect(screen.getByText('Fill in: API token.')).toBeVisible()
    expect(heard).toEqual([])
    await userEvent.type(screen.getByLabelText(/API token/), ' s3cret{Enter}')
    await vi.waitFor(() => {
      expect(onConnected).toHaveBeenCalled()
    })
    expect(heard.find((call) => call.method === 'POST')?.body).toEqual({ method: 'token', fields: { api_token: 's3cret' } })
  })

  it('shows what the vendor said beside the field, until it is edited', async () => {
    const message = 'The vendor does not know this token.'
    answers({ 'POST /api/connections/acme': { status: 422, body: { code: 'invalid_input', detail: message, errors: [{ field: 'fields.api_token', message, code: 'refused' }] } } })
    form({ vendor: vendorOf('acme', typed) })
    const field = screen.getByLabelText(/API token/)
    await userEvent.type(field, 'x{Enter}')
    expect(await screen.findByText(message)).toBeVisible()
    expect(field).toBeInvalid()
    await userEvent.type(field, 'y')
    expect(screen.queryByText(message)).not.toBeInTheDocument()
  })

  it('shows a refusal that belongs to no field above the buttons', async () => {
    answers({ 'POST /api/connections/acme': { status: 409, body: { code: 'other_account', detail: 'That is another account.' } } })
    form({ vendor: vendorOf('acme', typed) })
    await userEvent.type(screen.getByLabelText(/API token/), 'x{Enter}')
    expect(await screen.findByRole('alert')).toHaveTextContent('That is another account.')
  })

  it('reads a file into its field', async () => {
    form({ vendor: vendorOf('acme', typed) })
    await userEvent.upload(screen.getByLabelText('Key file: file'), new File(['{"type":"service_account"}'], 'key.json'))
    expect(await screen.findByDisplayValue('{"type":"service_account"}')).toBeVisible()
  })
})
