import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { appOf } from '@/test/samples'
import type { TemplateDraft } from './draft'
import { TemplateApps } from './template-apps'

const google = appOf('google-workspace', {
  title: 'Google Workspace',
  form: {
    required: ['unit'],
    properties: {
      unit: { type: 'string', title: 'Unit' },
      change: { type: 'boolean', title: 'Change the password', default: true },
      mode: { const: 'generate', default: 'generate', title: 'Mode' },
    },
  },
})
const slack = appOf('slack', { title: 'Slack', offered: false })
const jira = appOf('jira', { title: 'Jira', connection: null })

let latest: TemplateDraft['apps'] = {}

function Form({ start = {}, errors = {} }: { start?: TemplateDraft['apps']; errors?: Record<string, string> }) {
  const [chosen, setChosen] = useState(start)
  return (
    <TemplateApps
      apps={[google, slack, jira]}
      chosen={chosen}
      errors={errors}
      whyNot={(app) => (app.offered ? (app.connection === null ? 'Not connected.' : null) : 'Switched off.')}
      onChange={(next) => {
        latest = next
        setChosen(next)
      }}
    />
  )
}

describe('the apps of a role template', () => {
  it('fills in the fields that one chooses to fill in, and no other', async () => {
    answers({})
    show(<Form />)
    await userEvent.click(screen.getByLabelText('Google Workspace'))
    expect(latest).toEqual({ 'google-workspace': {} })
    expect(screen.queryByText('Mode')).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Fill in Unit' }))
    await userEvent.type(screen.getByLabelText('Unit'), 'Sales')
    await userEvent.click(screen.getByRole('button', { name: 'Fill in Change the password' }))
    expect(latest).toEqual({ 'google-workspace': { unit: 'Sales', change: true } })
    expect(screen.getByLabelText('Unit')).toHaveAttribute('id', 'field-google-workspace-unit')
    expect(screen.getByLabelText('Unit')).not.toBeRequired()
    await userEvent.click(screen.getByRole('button', { name: 'Do not fill in Unit' }))
    expect(latest).toEqual({ 'google-workspace': { change: true } })
    await userEvent.click(screen.getByLabelText('Google Workspace'))
    expect(latest).toEqual({})
  })

  it('shows an app that is switched off only where the template has it, and says that it is left out', () => {
    answers({})
    const { unmount } = show(<Form />)
    expect(screen.queryByText('Slack')).not.toBeInTheDocument()
    expect(screen.getByText('Not connected.')).toBeVisible()
    unmount()
    show(<Form start={{ slack: {} }} />)
    expect(screen.getByText('Left out for now: Switched off.')).toBeVisible()
  })

  it('puts what the server said beside its field', () => {
    answers({})
    show(<Form start={{ 'google-workspace': { unit: 'x' } }} errors={{ 'apps.google-workspace.unit': 'Too short.', apps: 'Switch on at least one app.' }} />)
    expect(screen.getByLabelText('Unit')).toBeInvalid()
    expect(screen.getByText('Too short.')).toBeVisible()
    expect(screen.getByRole('alert')).toHaveTextContent('Switch on at least one app.')
  })
})
