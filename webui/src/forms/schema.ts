/** What the renderer needs to know of one field, read from a property of a JSON Schema. */
export interface FieldSpec {
  name: string
  title: string
  help?: string
  required: boolean
  default: unknown
  kind: 'text' | 'email' | 'date' | 'password' | 'number' | 'switch' | 'enum' | 'choices' | 'fixed' | 'option' | 'options' | 'strings' | 'unknown'
  /** The name of the live choices, for `option` and `options`. */
  optionsName?: string
  /** For `options` whose entries are objects: the name of the chosen key, and the list of what is left out of a choice. */
  parts?: { key: string; name: string; title: string }
  /** The fixed values, for `enum`, `choices` and `fixed`. */
  choices: { value: string; label: string }[]
  /** Other fields' values with which this one means something; without any it always does. */
  when: { field: string; values: readonly string[] }[]
  minLength?: number
  maxLength?: number
  minItems?: number
  pattern?: string
  minimum?: number
  maximum?: number
  integer: boolean
}

type Schema = Record<string, unknown>

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function int(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Follows `$ref`, takes the one schema of `allOf`, and drops the `null` beside it in `anyOf`; outer words win. */
function settle(schema: Schema, root: Schema, depth = 0): Schema {
  if (depth > 8) return schema
  const ref = text(schema.$ref)
  if (ref?.startsWith('#/')) {
    const target = ref
      .slice(2)
      .split('/')
      .reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), root)
    const { $ref: _dropped, ...own } = schema
    return isSchema(target) ? settle({ ...target, ...own }, root, depth + 1) : schema
  }
  for (const word of ['allOf', 'anyOf', 'oneOf'] as const) {
    const list = schema[word]
    if (!Array.isArray(list)) continue
    const real = list.filter((part): part is Schema => isSchema(part) && part.type !== 'null')
    const { [word]: _dropped, ...own } = schema
    if (real.length === 1 && real[0]) return settle({ ...real[0], ...own }, root, depth + 1)
    const strings = real.find((part) => settle(part, root, depth + 1).type === 'string')
    if (strings) return settle({ ...strings, ...own }, root, depth + 1)
  }
  return schema
}

function optionsName(...schemas: Schema[]): string | undefined {
  for (const schema of schemas) {
    const mark = schema['x-options']
    const name = text(mark) ?? (isSchema(mark) ? text(mark.name) : undefined)
    if (name !== undefined) return name
  }
  return undefined
}

/** The fixed values of a schema, in the words that the form gives them. */
function choicesOf(schema: Schema, labelled: Schema): { value: string; label: string }[] {
  const values = Array.isArray(schema.enum) ? schema.enum : schema.const !== undefined ? [schema.const] : []
  const labels = isSchema(labelled['x-labels']) ? labelled['x-labels'] : {}
  return values
    .filter((value): value is string => typeof value === 'string')
    .map((value) => ({ value, label: text(labels[value]) ?? sentence(value) }))
}

/** Entries that name a live choice and, in a field marked `x-parts`, what is left out of it. */
function partsOf(items: Schema | null, root: Schema): FieldSpec['parts'] {
  if (!isSchema(items?.properties)) return undefined
  const fields = Object.entries(items.properties).filter((entry): entry is [string, Schema] => isSchema(entry[1]))
  const key = fields.find(([, schema]) => optionsName(schema, settle(schema, root)) !== undefined)
  const part = fields.find(([, schema]) => schema['x-parts'] === true)
  return key && part && { key: key[0], name: part[0], title: text(part[1].title) ?? sentence(part[0]) }
}

/** `x-when: {role: [guest]}`: the field means something only with such a role. */
function whenOf(schema: Schema): FieldSpec['when'] {
  const mark = schema['x-when']
  if (!isSchema(mark)) return []
  return Object.entries(mark).map(([field, values]) => ({
    field,
    values: (Array.isArray(values) ? values : [values]).filter((value): value is string => typeof value === 'string'),
  }))
}

function sentence(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const FORMATS: Record<string, FieldSpec['kind']> = { email: 'email', date: 'date', password: 'password' }

function kindOf(schema: Schema, items: Schema | null, live: string | undefined, choices: unknown[]): FieldSpec['kind'] {
  if (schema.type === 'array') {
    if (live !== undefined) return 'options'
    return items?.type !== 'string' ? 'unknown' : choices.length > 0 ? 'choices' : 'strings'
  }
  if (schema.type === 'boolean') return 'switch'
  if (schema.type === 'integer' || schema.type === 'number') return 'number'
  if (live !== undefined) return 'option'
  if (choices.length > 0) return choices.length === 1 && schema.default !== undefined ? 'fixed' : 'enum'
  if (schema.type === 'string') return FORMATS[text(schema.format) ?? ''] ?? 'text'
  return 'unknown'
}

function readField(name: string, raw: Schema, root: Schema, required: boolean): FieldSpec {
  const schema = settle(raw, root)
  const items = isSchema(schema.items) ? settle(schema.items, root) : null
  const live = optionsName(raw, schema, items ?? {})
  const choices = choicesOf(items ?? schema, schema)
  return {
    name,
    title: text(schema.title) ?? sentence(name),
    help: text(schema.description),
    required,
    default: schema.default,
    kind: kindOf(schema, items, live, choices),
    optionsName: live,
    parts: partsOf(items, root),
    choices,
    when: whenOf(schema),
    minLength: int(schema.minLength),
    maxLength: int(schema.maxLength),
    minItems: int(schema.minItems),
    pattern: text(schema.pattern),
    minimum: int(schema.minimum),
    maximum: int(schema.maximum),
    integer: schema.type === 'integer',
  }
}

/** The fields of a form's JSON Schema, in the order in which the provider wrote them. */
export function readFields(root: Schema): FieldSpec[] {
  const properties = isSchema(root.properties) ? root.properties : {}
  const required = new Set(Array.isArray(root.required) ? root.required : [])
  return Object.entries(properties)
    .filter((entry): entry is [string, Schema] => isSchema(entry[1]))
    .filter(([, schema]) => schema['x-hidden'] !== true)
    .map(([name, schema]) => readField(name, schema, root, required.has(name)))
}
