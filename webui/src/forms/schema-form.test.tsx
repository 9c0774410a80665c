import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useEffect, useState } from 'react'
import { describe, expect, it } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { readFields } from './schema'
import { SchemaForm } from './schema-form'
import { initialValues, type Values } from './values'

const fields = readFields({
  required: ['usage_location'],
  properties: {
    usage_location: { type: 'string', title: 'Usage location', description: 'The country.', 'x-options': 'usage_locations' },
    licenses: { type: 'array', title: 'Licences', items: { type: 'string' }, default: [], 'x-options': 'license_skus' },
    change: { type: 'boolean', title: 'Change the password', default: true },
    odd: { type: 'object', title: 'Odd' },
  },
})

let latest: Values = {}

function Form({ serverErrors, showAll }: { serverErrors?: Record<string, string>; showAll?: boolean }) {
  const [values, setValues] = useState<Values>(initialValues(fields))
  useEffect(() => {
    latest = values
  })
  return (
    <SchemaForm
      app="microsoft-365"
      fields={fields}
      values={values}
      serverErrors={serverErrors}
      showAll={showAll}
      onChange={(name, value) => {
        setValues((before) => ({ ...before, [name]: value }))
      }}
    />
  )
}

const page = (items: unknown[]) => ({ body: { items, stale: false, fetched_at: null, error: null } })

const licences = readFields({
  $defs: {
    Choice: {
      type: 'object',
      properties: {
        sku_id: { type: 'string', title: 'Licence', 'x-options': 'license_skus' },
        disabled_plans: { type: 'array', title: 'Services switched off', items: { type: 'string' }, default: [], 'x-parts': true },
      },
    },
  },
  properties: {
    licenses: { type: 'array', title: 'Licences', items: { $ref: '#/$defs/Choice' }, default: [], 'x-options': 'license_skus' },
  },
})

function Licences({ start }: { start: unknown }) {
  const [value, setValue] = useState(start)
  useEffect(() => {
    latest = { licenses: value }
  })
  return (
    <SchemaForm
      app="microsoft-365"
      fields={licences}
      values={{ licenses: value }}
      onChange={(_, next) => {
        setValue(next)
      }}
    />
  )
}

describe('the form renderer', () => {
  it('offers live choices with their free seats and keeps several', async () => {
    answers({
      'GET /api/apps/microsoft-365/options/usage_locations': page([{ value: 'DE', label: 'Germany' }]),
      'GET /api/apps/microsoft-365/options/license_skus': page([
        { value: 's1', label: 'Business Premium', free: 12, total: 50 },
        { value: 's2', label: 'Office 365 E1', free: 0, total: 40 },
      ]),
    })
    show(<Form />)
    await userEvent.click(screen.getByLabelText('Licences', { selector: 'input' }))
    expect(await screen.findByText('12 of 50 free')).toBeVisible()
    expect(screen.getByText('0 of 40 seats free')).toBeVisible()
    await userEvent.click(screen.getByText('Business Premium'))
    await waitFor(() => {
      expect(latest.licenses).toEqual(['s1'])
    })
    expect(screen.getByText('Business Premium · 12 of 50 free')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Remove Business Premium' }))
    expect(latest.licenses).toEqual([])
  })

  it('narrows a choice by typing and takes it with Enter', async () => {
    answers({
      'GET /api/apps/microsoft-365/options/usage_locations': page([
        { value: 'DE', label: 'Germany' },
        { value: 'JP', label: 'Japan' },
      ]),
      'GET /api/apps/microsoft-365/options/license_skus': page([]),
    })
    show(<Form />)
    const field = screen.getByLabelText(/Usage location/, { selector: 'input' })
    await userEvent.click(field)
    await screen.findByText('Germany')
    await userEvent.type(field, 'jap')
    expect(screen.queryByText('Germany')).not.toBeInTheDocument()
    await userEvent.keyboard('{Enter}')
    expect(latest.usage_location).toBe('JP')
    expect(field).toHaveValue('Japan')
  })

  it('shows what the server said beside its field, and what is missing once one tried to go on', () => {
    answers({})
    show(<Form serverErrors={{ licenses: 'Unknown SKU.' }} showAll />)
    expect(screen.getByLabelText('Licences', { selector: 'input' })).toBeInvalid()
    expect(screen.getByText('Unknown SKU.')).toBeVisible()
    expect(screen.getByText('Choose one.')).toBeVisible()
  })

  it('gives every control a stable id and says so where it cannot draw one', () => {
    answers({})
    show(<Form />)
    expect(screen.getByLabelText(/Usage location/, { selector: 'input' })).toHaveAttribute('id', 'field-microsoft-365-usage-location')
    expect(screen.getByLabelText('Change the password')).toHaveAttribute('id', 'field-microsoft-365-change')
    expect(screen.getByText(/cannot be edited here/)).toBeVisible()
  })

  it('switches services of a licence off and on, and leaves the other licences as they are', async () => {
    answers({
      'GET /api/apps/microsoft-365/options/license_skus': page([
        { value: 's1', label: 'Office 365 E3', parts: [{ value: 'p1', label: 'TEAMS1' }, { value: 'p2', label: 'YAMMER' }] },
        { value: 's2', label: 'Entra ID P1', parts: [] },
        { value: 's3', label: 'Visio', parts: [{ value: 'p3', label: 'VISIO' }] },
      ]),
    })
    show(<Licences start={[{ sku_id: 's1', disabled_plans: ['yammer'] }, 's2', 's3']} />)
    const summary = await screen.findByText('Office 365 E3: 1 of 2 switched off')
    expect(screen.queryByText(/Entra ID P1:/)).not.toBeInTheDocument()
    await userEvent.click(summary)
    expect(screen.getByLabelText('YAMMER')).not.toBeChecked()
    await userEvent.click(screen.getByLabelText('TEAMS1'))
    expect(latest.licenses).toEqual([{ sku_id: 's1', disabled_plans: ['p1', 'p2'] }, 's2', 's3'])
    await userEvent.click(screen.getByRole('button', { name: 'Remove Visio' }))
    expect(latest.licenses).toEqual([{ sku_id: 's1', disabled_plans: ['p1', 'p2'] }, 's2'])
    await userEvent.click(screen.getByLabelText('TEAMS1'))
    await userEvent.click(screen.getByLabelText('YAMMER'))
    expect(latest.licenses).toEqual(['s1', 's2'])
    expect(screen.getByText('Office 365 E3: everything in it is on')).toBeVisible()
  })
})
