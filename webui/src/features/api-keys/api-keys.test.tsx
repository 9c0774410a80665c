import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { apiKeyOf } from '@/test/samples'
import { ApiKeysTable } from './api-keys-table'
import { CreateKeyDialog } from './create-key-dialog'
import { inPairs, NEW_KEY, problemsIn, toBody } from './draft'

const SCOPES = ['audit:read', 'requests:read', 'requests:write']
const PATH = 'POST /api/api-keys'
const now = new Date(2026, 10, 20, 14, 0, 0)

describe('making an API key', () => {
  it('asks for a name and for what it may do before anything is sent', async () => {
    const heard = answers({})
    show(<CreateKeyDialog scopes={SCOPES} onClose={vi.fn()} />)
    await userEvent.click(screen.getByRole('button', { name: 'Create the key' }))
    expect(screen.getByText('Give the key a name.')).toBeVisible()
    expect(screen.getByText('Choose what the key may do.')).toBeVisible()
    expect(heard).toEqual([])
  })

  it('shows the key once, and neither Escape nor a cross closes it by accident', async () => {
    const heard = answers({ [PATH]: { status: 201, body: { key: 'oc_abc_secret', api_key: apiKeyOf('HR') } } })
    const close = vi.fn()
    show(<CreateKeyDialog scopes={SCOPES} onClose={close} />)
    await userEvent.type(screen.getByLabelText(/Name/), ' HR ')
    await userEvent.click(screen.getByLabelText('See requests, their plans and results'))
    await userEvent.selectOptions(screen.getByLabelText('How long'), 'never')
    await userEvent.click(screen.getByRole('button', { name: 'Create the key' }))
    expect(await screen.findByText('oc_abc_secret')).toBeVisible()
    expect(heard[0]?.body).toEqual({ name: 'HR', scopes: ['requests:read'], expires_at: null })
    await userEvent.keyboard('{Escape}')
    expect(close).not.toHaveBeenCalled()
    expect(screen.queryByRole('button', { name: 'Close' })).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'I have it' }))
    expect(close).toHaveBeenCalledOnce()
  })

  it('says beside the name that it is taken, until it is edited', async () => {
    const message = 'A living key has this name.'
    answers({ [PATH]: { status: 422, body: { code: 'invalid_input', errors: [{ field: 'name', message, code: 'taken' }] } } })
    show(<CreateKeyDialog scopes={SCOPES} onClose={vi.fn()} />)
    await userEvent.type(screen.getByLabelText(/Name/), 'HR')
    await userEvent.click(screen.getByLabelText('Read the audit log'))
    await userEvent.click(screen.getByRole('button', { name: 'Create the key' }))
    expect(await screen.findByText(message)).toBeVisible()
    await userEvent.type(screen.getByLabelText(/Name/), '2')
    expect(screen.queryByText(message)).not.toBeInTheDocument()
  })

  it('lets a key live to the end of the chosen day, which is not past', () => {
    const draft = { ...NEW_KEY, name: 'HR', scopes: ['requests:read'], lifetime: 'day' }
    expect(problemsIn({ ...draft, day: '' }, now).expires_at).toBe('Choose a day.')
    expect(problemsIn({ ...draft, day: '2026-11-19' }, now).expires_at).toBe('Choose today or a later day.')
    expect(problemsIn({ ...draft, day: '2026-11-20' }, now)).toEqual({})
    expect(toBody({ ...draft, day: '2026-11-20' }, now).expires_at).toBe(new Date(2026, 10, 21).toISOString())
    expect(toBody({ ...draft, lifetime: '30' }, now).expires_at).toBe(new Date(now.getTime() + 30 * 86_400_000).toISOString())
  })

  it('lists what is read and written of one thing side by side', () => {
    expect(inPairs(['apps:read', 'audit:read', 'requests:read', 'requests:write'])).toEqual(['requests:read', 'requests:write', 'apps:read', 'audit:read'])
  })
})

describe('the list of API keys', () => {
  it('says what became of each, and revokes only what lives', async () => {
    const revoke = vi.fn()
    const hr = apiKeyOf('HR', { scopes: ['a:read', 'b:read', 'c:read', 'd:read', 'e:read', 'f:read'] })
    const gone = apiKeyOf('Trial', { state: 'revoked', revoked_at: '2026-11-02T10:00:00Z', revoked_by: 'Bea' })
    show(<ApiKeysTable page={{ items: [hr, gone], total: 2, limit: 50, offset: 0, scopes: [] }} refreshing={false} onRevoke={revoke} onOffset={vi.fn()} />)
    expect(screen.getAllByRole('button', { name: /Revoke/ })).toHaveLength(1)
    await userEvent.click(screen.getByRole('button', { name: 'Revoke HR' }))
    expect(revoke).toHaveBeenCalledWith(hr)
    expect(screen.getByText(/by Bea/)).toBeVisible()
    const row = screen.getByText('HR').closest('tr')
    if (!row) throw new Error('the key has no row')
    expect(within(row).queryByText('f:read')).not.toBeInTheDocument()
    await userEvent.click(within(row).getByRole('button', { name: 'and 2 more' }))
    expect(within(row).getByText('f:read')).toBeVisible()
  })
})
