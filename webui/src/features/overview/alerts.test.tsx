import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { showRouted } from '@/test/render'
import { Alerts } from './alerts'

const lost = {
  connection_id: 'c1',
  vendor: 'slack',
  title: 'Our Slack',
  state: 'needs_reauth',
  reason: 'Slack does not know us any more.',
  remedy: 'Reconnect this account.',
  since: '2026-11-21T08:00:00Z',
}

describe('accounts that need somebody', () => {
  it('says what is wrong, what to do and where', async () => {
    await showRouted(<Alerts alerts={[lost, { ...lost, connection_id: 'c2', title: 'Our Google', state: 'expiring' }]} mayLook />)
    expect(screen.getByText('Our Slack must be reconnected')).toBeVisible()
    expect(screen.getByText('Our Google ends soon')).toBeVisible()
    expect(screen.getAllByText('Slack does not know us any more. Reconnect this account.')).toHaveLength(2)
    const links = screen.getAllByRole('link', { name: 'Open the connection' }).map((link) => link.getAttribute('href'))
    expect(links).toEqual(['/admin/connections/c1', '/admin/connections/c2'])
  })

  it('leads nobody to a page that they may not see', async () => {
    await showRouted(<Alerts alerts={[lost]} mayLook={false} />)
    expect(screen.getByText('Our Slack must be reconnected')).toBeVisible()
    expect(screen.queryByRole('link')).not.toBeInTheDocument()
  })
})
