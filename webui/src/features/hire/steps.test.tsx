import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/test/render'
import { lookOfSteps, Steps } from './steps'

const titles = ['Person and apps', 'ClickUp', 'Confluence', 'GitHub', 'Google Workspace', 'HubSpot', 'Jira', 'Microsoft 365', 'SCIM', 'Slack', 'Zoom', 'Review']
const steps = titles.map((label) => ({ key: label.toLowerCase(), label, wrong: label === 'Confluence' }))

describe('the progress of the wizard', () => {
  it('holds ten apps: a column, or a bar that says where one is and what comes next', async () => {
    show(<Steps steps={steps} current="github" look={lookOfSteps(steps.length)} reach={3} onGo={vi.fn()} />)
    expect(screen.getByRole('navigation', { name: 'Step 4 of 12' })).toHaveAttribute('data-look', 'column')
    const toggle = screen.getByRole('button', { expanded: false })
    expect(toggle).toHaveTextContent('Step 4 of 12next: Google Workspace')
    await userEvent.click(toggle)
    expect(document.getElementById('wizard-steps')).toHaveAttribute('data-open')
    expect(screen.getByText('GitHub').closest('li')).toHaveAttribute('aria-current', 'step')
  })

  it('leads back, and ahead as far as everything is in order', async () => {
    const go = vi.fn()
    show(<Steps steps={steps} current="github" look="column" reach={5} onGo={go} />)
    await userEvent.click(screen.getByRole('button', { name: 'Person and apps' }))
    await userEvent.click(screen.getByRole('button', { name: 'HubSpot' }))
    expect(go.mock.calls).toEqual([['person and apps'], ['hubspot']])
    expect(screen.queryByRole('button', { name: 'Jira' })).not.toBeInTheDocument()
  })

  it('marks a step on which the server refused something, in words too', () => {
    show(<Steps steps={steps} current="github" look="column" reach={3} onGo={vi.fn()} />)
    expect(screen.getByText('Confluence').closest('li')).toHaveTextContent('needs a change')
  })

  it('is a line of names for few', () => {
    expect(lookOfSteps(4)).toBe('line')
    show(<Steps steps={steps.slice(0, 3)} current="clickup" look="line" reach={1} onGo={vi.fn()} />)
    expect(screen.queryByRole('button', { expanded: false })).not.toBeInTheDocument()
  })
})
