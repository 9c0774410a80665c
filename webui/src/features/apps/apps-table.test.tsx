import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/test/render'
import { appOf } from '@/test/samples'
import { AppsTable } from './apps-table'
import { whyNot } from './api'

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
})
