import { describe, expect, it } from 'vitest'
import { readFields } from './schema'
import { errorsUnder, problemsOf } from './validate'
import { initialValues, isChanged, keysOf, toWire, sameValue } from './values'

const schema = {
  type: 'object',
  required: ['usage_location'],
  $defs: {
    License: { type: 'object', properties: { sku_id: { type: 'string' } } },
    Mode: { type: 'string', enum: ['generate', 'sso_only'] },
  },
  properties: {
    usage_location: { type: 'string', title: 'Usage location', minLength: 2, maxLength: 2, pattern: '^[A-Z]{2}$' },
    licenses: { type: 'array', items: { anyOf: [{ $ref: '#/$defs/License' }, { type: 'string' }] }, default: [], 'x-options': 'license_skus' },
    manager: { anyOf: [{ type: 'string' }, { type: 'null' }], default: null, 'x-options': 'managers' },
    mode: { $ref: '#/$defs/Mode', default: 'generate', title: 'First password' },
    fixed: { const: 'generate', default: 'generate', type: 'string' },
    change: { type: 'boolean', default: true },
    days: { type: 'integer', minimum: 1, maximum: 30 },
    aliases: { type: 'array', items: { type: 'string' }, default: [] },
    odd: { type: 'object' },
    token: { type: 'string', format: 'password', writeOnly: true },
  },
}

const fields = readFields(schema)
const byName = Object.fromEntries(fields.map((field) => [field.name, field]))

describe('reading a form from its JSON Schema', () => {
  it('finds the kind of every field, through references and nullable unions', () => {
    expect(fields.map((field) => [field.name, field.kind])).toEqual([
      ['usage_location', 'text'],
      ['licenses', 'options'],
      ['manager', 'option'],
      ['mode', 'enum'],
      ['fixed', 'fixed'],
      ['change', 'switch'],
      ['days', 'number'],
      ['aliases', 'strings'],
      ['odd', 'unknown'],
      ['token', 'password'],
    ])
    expect(byName.licenses?.optionsName).toBe('license_skus')
    expect(byName.mode?.choices.map((choice) => choice.label)).toEqual(['Generate', 'Sso only'])
    expect(byName.manager?.title).toBe('Manager')
  })

  it('begins with the declared defaults and sends nothing that was left empty', () => {
    const values = initialValues(fields)
    expect(values).toMatchObject({ change: true, mode: 'generate', licenses: [], usage_location: '' })
    expect(toWire(fields, { ...values, usage_location: ' DE ' })).toEqual({
      usage_location: 'DE',
      licenses: [],
      mode: 'generate',
      fixed: 'generate',
      change: true,
      aliases: [],
    })
  })

  it('marks what differs from the default', () => {
    expect(byName.change && isChanged(byName.change, false)).toBe(true)
    expect(byName.change && isChanged(byName.change, true)).toBe(false)
  })

  it('reads the key of a licence given as an object', () => {
    expect(keysOf([{ sku_id: 's1', disabled_plans: [] }, 's2'])).toEqual(['s1', 's2'])
    expect(sameValue([{ sku_id: 's1', disabled_plans: [] }], ['s1'])).toBe(true)
    expect(sameValue([{ sku_id: 's1', disabled_plans: ['p1'] }], ['s1'])).toBe(false)
  })
})

describe('checking a form', () => {
  it('says in words what each field misses', () => {
    expect(problemsOf(fields, { ...initialValues(fields), days: 31 })).toEqual({
      usage_location: 'This is needed.',
      days: 'At most 30.',
    })
    expect(problemsOf(fields, { usage_location: 'de' })).toEqual({ usage_location: 'This does not have the expected form.' })
  })

  it('finds the field that a server error path is about, in whatever spelling', () => {
    const errors = {
      'apps.microsoft-365.licenses.0': 'Unknown SKU.',
      'apps.microsoft-365.usageLocation': 'Needed.',
      'apps.microsoft-365': 'Not connected.',
      'apps.google-workspace.groups': 'Another app.',
    }
    expect(errorsUnder(errors, 'apps.microsoft-365')).toEqual({ licenses: 'Unknown SKU.', usage_location: 'Needed.', '': 'Not connected.' })
  })
})
