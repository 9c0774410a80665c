import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { appOf } from '@/test/samples'
import { AppsTable } from './apps-table'
import { whyNot } from './api'
import { DefaultsDialog } from './defaults-dialog'

const FORM = { required: ['usage_location'], properties: { usage_location: { type: 'string', title: 'Usage location' } } }

const slack = appOf('slack', { title: 'Slack', offered: false, offered_by_default: false, connection: null })
const zoom = appOf('zoom', { title: 'Zoom', offered: false })
const github = appOf('github', { title: 'GitHub', connection: { status: 'needs_reauth', reason: 'The key was revoked.', display_name: null } })
const google = appOf('google-workspace', { title: 'Google Workspace', summary: 'Accounts and groups.' })

describe('the catalogue of apps', () => {
  it('says what each does, whether it is connected, and why it cannot be given', () => {
    show(<AppsTable apps={[google, slack, zoom, github]} busy={null} onSwitch={vi.fn()} />)
    expect(screen.getByText('Accounts and groups.')).toBeVisible()
    expect(screen.getByText('The key was revoked.')).toBeVisible()
    expect(screen.getByLabelText('Offered: Google Workspace')).toBeChecked()
    expect(screen.getByLabelText('Not offered: Slack')).toHaveAccessibleDescription('Off at first: few plans allow it.')
    expect(screen.getByLabelText('Not offered: Zoom')).toHaveAccessibleDescription('Switched off here.')
    expect(screen.getByLabelText('Offered: GitHub')).toHaveAccessibleDescription('Waits for its connection.')
  })

  it('switches an app', async () => {
    const flip = vi.fn()
    show(<AppsTable apps={[slack]} busy={null} onSwitch={flip} />)
    await userEvent.click(screen.getByLabelText('Not offered: Slack'))
    expect(flip).toHaveBeenCalledWith(slack, true)
  })

  it('is only read by those who may not change it', () => {
    show(<AppsTable apps={[slack]} busy={null} />)
    expect(screen.queryByRole('switch')).not.toBeInTheDocument()
    expect(screen.getByText('Not offered')).toBeVisible()
  })

  it('gives the switch as the first reason', () => {
    expect(whyNot(slack)).toBe('Switched off under Apps.')
    expect(whyNot(google)).toBeNull()
    expect(whyNot(github)).toBe('The key was revoked.')
  })

  it('says what requests are filled in with, and lets it be changed', async () => {
    const open = vi.fn()
    const microsoft = appOf('microsoft-365', { title: 'Microsoft 365', form: FORM, defaults: { usage_location: 'DE' } })
    show(<AppsTable apps={[microsoft, google]} busy={null} onDefaults={open} />)
    expect(screen.getByText('Usage location')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Defaults of Google Workspace' })).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Defaults of Microsoft 365' }))
    expect(open).toHaveBeenCalledWith(microsoft)
  })
})

describe('the defaults of an app', () => {
  it('are filled in field by field and saved together', async () => {
    const heard = answers({ 'PUT /api/apps/microsoft-365': { body: appOf('microsoft-365') }, 'GET /api/apps': { body: { items: [] } } })
    const close = vi.fn()
    show(<DefaultsDialog app={appOf('microsoft-365', { title: 'Microsoft 365', form: FORM })} onClose={close} />)
    await userEvent.click(screen.getByRole('button', { name: 'Fill in Usage location' }))
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('Fill it in, or take it out.')).toBeVisible()
    await userEvent.type(screen.getByRole('textbox', { name: /Usage location/ }), 'DE')
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    await waitFor(() => {
      expect(close).toHaveBeenCalledOnce()
    })
    expect(heard.find(({ method }) => method === 'PUT')?.body).toEqual({ defaults: { usage_location: 'DE' } })
  })

  it('show what the server refused beside its field', async () => {
    const errors = [{ field: 'defaults.usage_location', message: 'XX is no country.', code: 'value_error' }]
    answers({ 'PUT /api/apps/microsoft-365': { status: 422, body: { code: 'invalid_input', errors } } })
    show(<DefaultsDialog app={appOf('microsoft-365', { form: FORM, defaults: { usage_location: 'XX' } })} onClose={vi.fn()} />)
    await userEvent.click(screen.getByRole('button', { name: 'Save' }))
    expect(await screen.findByText('XX is no country.')).toBeVisible()
  })
})
