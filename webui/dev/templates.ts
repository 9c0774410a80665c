import type { RoleTemplateRead, RoleTemplateVersionRead, UsedRoleTemplateRead } from '../src/api/types.ts'
import { ok, problem, type Reply } from './answer.ts'
import { ago, newId, titleOfApp } from './make.ts'

export interface MockTemplate {
  id: string
  key: string
  shipped: boolean
  /** The newest first. */
  versions: RoleTemplateVersionRead[]
}

type Body = Record<string, unknown>

function version(name: string, apps: RoleTemplateVersionRead['apps'], extra: Partial<RoleTemplateVersionRead> = {}): RoleTemplateVersionRead {
  return {
    version: 1,
    name,
    description: '',
    apps,
    tags: [],
    conditions: { department: [], location: [], job_title: [] },
    changed_at: null,
    changed_by: null,
    ...extra,
  }
}

function read(template: MockTemplate): RoleTemplateRead {
  const [newest] = template.versions
  if (!newest) throw new Error('a template has a version')
  return { ...newest, id: template.id, key: template.key, shipped: template.shipped }
}

/** The three that come with OneClick, one of a tenant's own with a long name, and one with a history. */
export function seedTemplates(): MockTemplate[] {
  const ada = { kind: 'operator', name: 'Ada Admin' }
  const any = { department: [], location: [], job_title: [] }
  const shipped = (key: string, only: RoleTemplateVersionRead): MockTemplate => ({ id: newId(), key, shipped: true, versions: [only] })
  const engineer = version('Engineer', { 'google-workspace': { require_password_change: true }, 'microsoft-365': {}, slack: {}, jira: {}, github: {} }, {
    description: 'Mail and files, chat, issues, pages and code.',
    tags: ['engineering'],
    conditions: { ...any, job_title: ['*engineer*', '*developer*', '*programmer*'] },
  })
  const berlin = version('Data engineer, Berlin', {
    'google-workspace': { primary_org_unit: '/Engineering/Berlin', groups: ['group0@acme.example', 'group2@acme.example'], license_skus: ['Google-Apps/1010020020'] },
    'microsoft-365': { usage_location: 'DE', licenses: ['cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46'] },
  }, {
    description: 'Everything for the platform team in Berlin.',
    tags: ['new-hire', 'berlin'],
    conditions: { department: ['Engineering*'], location: ['Berlin'], job_title: ['*data*'] },
  })
  return [
    shipped('contractor', version('Contractor', { 'google-workspace': {}, slack: {} }, { description: 'Mail and files and chat, for somebody who stays for a while.', tags: ['contractor'], conditions: { ...any, job_title: ['*contractor*', '*freelance*'] } })),
    {
      id: newId(), key: 'data-engineer-berlin', shipped: false,
      versions: [
        { ...berlin, version: 3, changed_at: ago(5_400), changed_by: ada },
        { ...berlin, version: 2, tags: [], changed_at: ago(90_000), changed_by: { kind: 'operator', name: 'Hal Helpdesk' } },
        { ...berlin, version: 1, apps: { 'google-workspace': {} }, tags: [], changed_at: ago(400_000), changed_by: ada },
      ],
    },
    { id: newId(), key: 'long', shipped: false, versions: [version('Rindfleischetikettierungsüberwachungsaufgabenübertragungsbeauftragte (m/w/d)', { 'microsoft-365': {} }, { changed_at: ago(700), changed_by: ada, conditions: { ...any, department: ['経営企画部', 'Qualitätssicherung und Betriebsprüfung Süd-West*'] } })] },
    shipped('engineer', engineer),
    shipped('sales', version('Sales', { 'google-workspace': {}, 'microsoft-365': {}, zoom: {} }, { description: 'Mail and files, meetings and the customer list.', tags: ['sales'], conditions: { ...any, department: ['*sales*'] } })),
  ]
}

function fits(pattern: string, text: string): boolean {
  const expression = pattern.toLowerCase().split('*').map((part) => part.replace(/[^\p{L}\p{N} ]/gu, '\\$&')).join('.*')
  return text !== '' && new RegExp(`^${expression}$`).test(text.toLowerCase())
}

function suggestions(templates: MockTemplate[], body: Body) {
  return templates
    .map((template) => {
      const conditions = Object.entries(read(template).conditions as unknown as Record<string, string[]>).filter(([, patterns]) => patterns.length > 0)
      const met = conditions.filter(([name, patterns]) => patterns.some((pattern) => fits(pattern, String(body[name] ?? '')))).map(([name]) => name)
      return { template: read(template), met: met.length === conditions.length ? met : [] }
    })
    .filter(({ met }) => met.length > 0)
    .sort((a, b) => b.met.length - a.met.length)
}

function written(body: Body, number: number): RoleTemplateVersionRead {
  const { name, description, apps, tags, conditions } = body as unknown as RoleTemplateVersionRead
  return { version: number, name, description, apps, tags, conditions, changed_at: ago(0), changed_by: { kind: 'operator', name: 'Ada Admin' } }
}

/** The template that a request used, as it shows it. */
export function used(templates: MockTemplate[], ref: unknown, apps: string[]): UsedRoleTemplateRead | null {
  const found = templates.find((one) => one.id === (ref as { id?: string } | undefined)?.id)
  if (!found) return null
  const { id, key, name, version: number, apps: all } = read(found)
  return { id, key, name, version: number, left_out: Object.keys(all).filter((app) => !apps.includes(app)).map((app) => ({ app, title: titleOfApp(app) })) }
}

/** What `/api/role-templates` would answer. */
export function onTemplates(templates: MockTemplate[], method: string, [id, what]: string[], body: Body): Reply {
  if (id === 'suggest') return ok({ items: suggestions(templates, body) })
  if (id === undefined) {
    if (method === 'GET') {
      const items = templates.map(read).sort((a, b) => a.name.localeCompare(b.name))
      return ok({ items, total: items.length, limit: 200, offset: 0 })
    }
    if (templates.some((one) => read(one).name === body.name)) {
      return problem(422, 'invalid_input', 'name: Another role template has this name.', [{ field: 'name', message: 'Another role template has this name.', code: 'taken' }])
    }
    const made = { id: newId(), key: newId().slice(-4), shipped: false, versions: [written(body, 1)] }
    templates.push(made)
    return ok(read(made), 201)
  }
  const found = templates.find((one) => one.id === id)
  if (!found) return problem(404, 'role_template_not_found', 'There is no such role template.')
  if (what === 'versions') return ok({ items: found.versions, total: found.versions.length, limit: 10, offset: 0 })
  if (method === 'DELETE') {
    templates.splice(templates.indexOf(found), 1)
    return { status: 204 }
  }
  if (method === 'PUT') {
    const newest = read(found)
    if (newest.version !== body.version) return problem(409, 'role_template_changed', 'Hal Helpdesk has changed this role template since you opened it.')
    found.versions.unshift(written(body, newest.version + 1))
  }
  return ok(read(found))
}
