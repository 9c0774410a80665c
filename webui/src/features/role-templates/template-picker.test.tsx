import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { templateOf } from '@/test/samples'
import { TemplatePicker } from './template-picker'

const engineer = templateOf('engineer', { name: 'Engineer', description: 'Code and issues.' })
const sales = templateOf('sales', { name: 'Sales' })
const page = { items: [engineer, sales], total: 2, limit: 200, offset: 0 }
const data = { department: '', location: '', job_title: 'Data Engineer' }

function network() {
  return answers({
    'GET /api/role-templates': { body: page },
    'POST /api/role-templates/suggest': { body: { items: [{ template: sales, met: ['job_title', 'department'] }] } },
  })
}

describe('the role template picker', () => {
  it('lists what fits the person first, and says why', async () => {
    const heard = network()
    const person = { ...data, full_name: 'Mary Jackson' }
    show(<TemplatePicker subject={person} picked={null} onPick={vi.fn()} />)
    await screen.findByRole('button', { name: 'Sales' })
    await userEvent.click(screen.getByRole('combobox', { name: 'Role template' }))
    const options = await screen.findAllByRole('option')
    expect(options.map((option) => option.textContent)).toEqual(['Salesfits job title and department', 'EngineerCode and issues.'])
    expect(heard.find((call) => call.method === 'POST')?.body).toEqual(data)
  })

  it('asks nothing about nobody in particular', async () => {
    const heard = network()
    show(<TemplatePicker subject={{ department: ' ', location: '', job_title: '' }} picked={null} onPick={vi.fn()} />)
    await waitFor(() => {
      expect(heard.length).toBeGreaterThan(0)
    })
    expect(heard.map((call) => call.method)).toEqual(['GET'])
    expect(screen.queryByText('Suggested for this person')).not.toBeInTheDocument()
  })

  it('narrows by typing and takes one with a press', async () => {
    network()
    const pick = vi.fn()
    show(<TemplatePicker subject={data} picked={null} onPick={pick} />)
    const field = screen.getByRole('combobox', { name: 'Role template' })
    await userEvent.type(field, 'issues')
    await waitFor(() => {
      expect(screen.getAllByRole('option')).toHaveLength(1)
    })
    await userEvent.click(screen.getByRole('option', { name: /Engineer/ }))
    expect(pick).toHaveBeenCalledWith(engineer)
    await userEvent.click(await screen.findByRole('button', { name: 'Sales' }))
    expect(pick).toHaveBeenLastCalledWith(sales)
  })

  it('says what the picked one did, and can do without it again', async () => {
    network()
    const pick = vi.fn()
    show(<TemplatePicker subject={data} picked={engineer} onPick={pick} outcome="Switches on GitHub." error="There is no such role template." />)
    expect(screen.getByRole('status')).toHaveTextContent('Switches on GitHub.')
    expect(screen.getByText('There is no such role template.')).toBeVisible()
    expect(screen.queryByText('Suggested for this person')).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Do without Engineer' }))
    expect(pick).toHaveBeenCalledWith(null)
  })
})
