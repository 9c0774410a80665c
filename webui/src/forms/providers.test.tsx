import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useEffect, useState } from 'react'
import { describe, expect, it } from 'vitest'
import { answers } from '@/test/answers'
import { realApps } from '@/test/apps'
import { show } from '@/test/render'
import { readFields, type FieldSpec } from './schema'
import { fieldId, focusField, SchemaForm } from './schema-form'
import { problemsOf } from './validate'
import { initialValues, isShown, toWire, type Values } from './values'

const formOf = (key: string): FieldSpec[] => readFields(realApps.find((app) => app.key === key)?.form ?? {})

let latest: Values = {}

function Form({ app, fields, errors, start = {} }: { app: string; fields: FieldSpec[]; errors?: Record<string, string>; start?: Values }) {
  const [values, setValues] = useState<Values>({ ...initialValues(fields), ...start })
  useEffect(() => {
    latest = values
  })
  return (
    <SchemaForm
      app={app}
      fields={fields}
      values={values}
      serverErrors={errors}
      onChange={(name, value) => {
        setValues((before) => ({ ...before, [name]: value }))
      }}
    />
  )
}

describe.each(realApps)('the form of $title', ({ key, form }) => {
  const fields = readFields(form)

  it('can be drawn whole, each field with its title, its help and its stable id', () => {
    answers({})
    show(<Form app={key} fields={fields} />)
    expect(fields.length).toBeGreaterThan(0)
    for (const field of fields) {
      expect(field.kind, field.name).not.toBe('unknown')
      expect(field.help, field.name).toBeTruthy()
      const place = document.getElementById(fieldId(key, field.name))
      if (isShown(field, initialValues(fields))) expect(place, field.name).toBeInTheDocument()
      else expect(place, field.name).not.toBeInTheDocument()
    }
  })

  it('shows what the server refused beside each field, also one that it had no use for', () => {
    answers({})
    const refusable = fields.filter((field) => field.kind !== 'fixed')
    const errors = Object.fromEntries(refusable.map((field) => [field.name, `${field.title} is refused.`]))
    show(<Form app={key} fields={fields} errors={errors} />)
    for (const message of Object.values(errors)) expect(screen.getByText(message)).toBeVisible()
  })

  it('sends defaults that the server takes, and misses only what is required', () => {
    const values = initialValues(fields)
    expect(Object.keys(problemsOf(fields, values))).toEqual(fields.filter((field) => field.required).map((field) => field.name))
    for (const [name, value] of Object.entries(toWire(fields, values))) {
      const field = fields.find((one) => one.name === name)
      expect(typeof value, name).not.toBe('undefined')
      if (field?.kind === 'options' || field?.kind === 'choices') expect(Array.isArray(value), name).toBe(true)
    }
  })
})

describe('fields that hang on others', () => {
  it('come and go with the role, and are sent only while they mean something', async () => {
    answers({})
    const fields = formOf('slack')
    show(<Form app="slack" fields={fields} start={{ groups: ['engineering'] }} />)
    expect(screen.queryByLabelText('Guest until')).not.toBeInTheDocument()
    await userEvent.selectOptions(screen.getByLabelText(/^Role/), 'Guest')
    await userEvent.type(screen.getByLabelText('Guest until'), '2027-03-31')
    expect(screen.queryByText('User groups')).not.toBeInTheDocument()
    expect(toWire(fields, latest)).toEqual({ role: 'guest', guest_expires_on: '2027-03-31', channels: [] })
    await userEvent.selectOptions(screen.getByLabelText(/^Role/), 'Member')
    expect(toWire(fields, latest)).toEqual({ role: 'member', groups: ['engineering'], channels: [] })
  })

  it('do not hide where what they hang on is not part of the form', () => {
    const until = formOf('slack').find((field) => field.name === 'guest_expires_on')
    expect(until && isShown(until, {})).toBe(true)
  })
})

describe('several of a few fixed values', () => {
  it('are boxes in the form’s words, kept in the form’s order, and at least one where one is needed', async () => {
    answers({})
    const fields = formOf('jira')
    show(<Form app="jira" fields={fields} />)
    await userEvent.click(screen.getByLabelText('Jira Work Management'))
    await userEvent.click(screen.getByLabelText('Jira Product Discovery'))
    expect(latest.products).toEqual(['jira-software', 'jira-product-discovery', 'jira-core'])
    for (const name of ['Jira', 'Jira Work Management', 'Jira Product Discovery']) await userEvent.click(screen.getByLabelText(name))
    expect(problemsOf(fields, latest)).toEqual({ products: 'Choose at least one.' })
    focusField('jira', 'products')
    expect(screen.getByLabelText('Jira')).toHaveFocus()
  })
})
