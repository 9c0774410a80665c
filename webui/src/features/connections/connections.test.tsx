import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show, showRouted } from '@/test/render'
import { connectionOf } from '@/test/samples'
import { ConnectionsTable } from './connections-table'
import { DisconnectDialog } from './disconnect-dialog'
import { RenameDialog } from './rename-dialog'
import { StateNote } from './state-note'
import { failureOf, lossesOf } from './words'

const title = (word: string) => word.toUpperCase()
const nothing = { apps: [], waiting_requests: 0, schedules: 0, subscriptions: 0 }

describe('the connected accounts', () => {
  it('say which account, whether it works and why not, and what was not granted', async () => {
    const broken = connectionOf('zoom', { state: 'needs_reauth', reason: 'The key was revoked.', scopes_missing: [{ name: 'user:write', why: 'Create accounts' }] })
    await showRouted(<ConnectionsTable connections={[connectionOf('slack'), broken]} vendorOf={title} onOpen={vi.fn()} />)
    const row = screen.getByText('The key was revoked.').closest('tr')
    expect(row).not.toBeNull()
    if (!row) return
    expect(within(row).getByText('Action required')).toBeVisible()
    expect(within(row).getByText(/1 permission/)).toBeVisible()
    expect(within(row).getByText('ada@acme.example')).toBeVisible()
    expect(screen.getByRole('link', { name: 'slack' })).toHaveAttribute('href', '/admin/connections/id-slack')
    expect(screen.queryByText('Actions')).not.toBeInTheDocument()
  })

  it('are renamed in place', async () => {
    const heard = answers({ 'PATCH /api/connections/id-slack': { body: connectionOf('slack', { title: 'Chat' }) } })
    const close = vi.fn()
    show(<RenameDialog connection={connectionOf('slack')} onClose={close} />)
    await userEvent.clear(screen.getByLabelText('Display name'))
    expect(screen.getByRole('button', { name: 'Rename' })).toBeDisabled()
    await userEvent.type(screen.getByLabelText('Display name'), 'Chat{Enter}')
    await vi.waitFor(() => {
      expect(close).toHaveBeenCalled()
    })
    expect(heard[0]?.body).toEqual({ title: 'Chat' })
  })

  it('are disconnected only once it was said what depends on them', async () => {
    let told: (body: unknown) => void = () => undefined
    const waits = new Promise((resolve) => { told = resolve })
    const heard: string[] = []
    vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
      heard.push(`${init.method ?? ''} ${path}`)
      if (path.endsWith('/dependants')) await waits
      return Response.json(path.endsWith('/dependants') ? { ...nothing, apps: ['slack'], waiting_requests: 2 } : connectionOf('slack', { state: 'disconnected' }))
    })
    const close = vi.fn()
    show(<DisconnectDialog connection={connectionOf('slack')} vendor="Slack" titleOf={title} onClose={close} />)
    const confirm = screen.getByRole('button', { name: 'Disconnect' })
    expect(confirm).toBeDisabled()
    told(null)
    expect(await screen.findByText(/^SLACK: nobody can be given it/)).toBeVisible()
    expect(screen.getByText('2 requests wait until it is connected again')).toBeVisible()
    await userEvent.click(confirm)
    await vi.waitFor(() => {
      expect(close).toHaveBeenCalled()
    })
    expect(heard).toContain('POST /api/connections/id-slack/disconnect')
  })

  it('say on their page what is wrong and what to do, and nothing where nothing is', () => {
    const { unmount } = show(<StateNote connection={connectionOf('slack')} action={null} />)
    expect(screen.queryByText('Action required')).not.toBeInTheDocument()
    unmount()
    show(<StateNote connection={connectionOf('slack', { state: 'error', remedy: 'Check the address.', link: 'https://slack.example/' })} action={null} />)
    expect(screen.getByText('Not working')).toBeVisible()
    expect(screen.getByText('Check the address.')).toBeVisible()
    expect(screen.getByRole('link', { name: 'Open at the vendor' })).toHaveAttribute('href', 'https://slack.example/')
  })

  it('have words for each way back from the vendor, and for one that this page does not know', () => {
    const codes = ['access_denied', 'state_invalid', 'state_expired', 'other_account', 'scopes_missing', 'vendor_refused', 'vendor_unreachable', 'not_configured']
    const titles = codes.map((code) => failureOf(code, 'Slack').title)
    expect(new Set(titles).size).toBe(codes.length)
    expect(failureOf('moon_phase', 'Slack').text).toContain('Moon phase')
  })

  it('count what depends on them in words', () => {
    expect(lossesOf(nothing, [])).toEqual([])
    expect(lossesOf({ apps: [], waiting_requests: 1, schedules: 2, subscriptions: 1 }, [])).toEqual([
      '1 request waits until it is connected again',
      '2 schedules will wait when their time comes',
      '1 subscription to the vendor’s notifications is removed',
    ])
  })
})
