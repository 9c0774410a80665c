import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/test/render'
import { appOf } from '@/test/samples'
import { AppToggles } from './app-toggles'

const titles = ['ClickUp', 'Confluence', 'GitHub', 'Google Workspace', 'HubSpot', 'Jira', 'Microsoft 365', 'SCIM 2.0 application', 'Slack', 'Zoom']
const apps = titles.map((title) => appOf(title.toLowerCase().replaceAll(' ', '-'), { title, summary: title === 'Zoom' ? 'Meetings.' : '' }))

function grid(toggle = vi.fn()) {
  show(<AppToggles apps={apps} chosen={['jira', 'zoom']} brought={['jira']} broughtBy="Engineer" onToggle={toggle} whyNot={(app) => (app.key === 'slack' ? 'Not connected.' : null)} />)
  return toggle
}

describe('the apps of a new hire', () => {
  it('says how many are on, which come from a template, and why one cannot be', async () => {
    const toggle = grid()
    expect(screen.getByRole('status')).toHaveTextContent('2 of 10 on')
    expect(screen.getByText('from Engineer')).toBeVisible()
    expect(screen.getByLabelText(/^Slack/)).toBeDisabled()
    expect(screen.getByLabelText(/^Slack/)).toHaveAccessibleDescription('Not connected.')
    await userEvent.click(screen.getByLabelText(/^GitHub/))
    expect(toggle).toHaveBeenCalledWith('github', true)
  })

  it('is searched by typing where there are many, and Enter sends nothing', async () => {
    const submit = vi.fn((event: React.FormEvent) => { event.preventDefault() })
    show(<form onSubmit={submit}><AppToggles apps={apps} chosen={[]} brought={[]} onToggle={vi.fn()} whyNot={() => null} /></form>)
    await userEvent.type(screen.getByLabelText('Find an app'), 'meet{Enter}')
    expect(screen.getAllByRole('switch')).toHaveLength(1)
    expect(screen.getByLabelText('Zoom')).toBeVisible()
    expect(submit).not.toHaveBeenCalled()
    await userEvent.type(screen.getByLabelText('Find an app'), 'x')
    expect(screen.getByText('No app is called that.')).toBeVisible()
  })

  it('needs no search for few', () => {
    show(<AppToggles apps={apps.slice(0, 4)} chosen={[]} brought={[]} onToggle={vi.fn()} whyNot={() => null} />)
    expect(screen.queryByLabelText('Find an app')).not.toBeInTheDocument()
  })
})
