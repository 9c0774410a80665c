import type { AppRead } from '../src/api/types.ts'

const google = {
  type: 'object',
  title: 'Google Workspace',
  required: [],
  properties: {
    primary_org_unit: {
      type: 'string',
      title: 'Organizational unit',
      description: 'Decides which settings and services the account gets.',
      default: '/',
      'x-options': 'org_units',
    },
    license_skus: {
      type: 'array',
      title: 'Licences',
      description: 'Leave empty where your domain assigns licences by itself.',
      items: { type: 'string' },
      default: [],
      'x-options': 'license_skus',
    },
    groups: { type: 'array', title: 'Groups', items: { type: 'string' }, default: [], 'x-options': 'groups' },
    password_mode: {
      type: 'string',
      title: 'First password',
      enum: ['generate'],
      default: 'generate',
      description: 'A random password that is shown once.',
    },
    require_password_change: {
      type: 'boolean',
      title: 'Change the password at the first sign-in',
      default: true,
    },
  },
}

const microsoft = {
  type: 'object',
  title: 'Microsoft 365',
  required: ['usage_location'],
  $defs: { License: { type: 'object', properties: { sku_id: { type: 'string' } } } },
  properties: {
    usage_location: {
      type: 'string',
      title: 'Usage location',
      description: 'The country where the licences are used. Microsoft needs it before it assigns one.',
      minLength: 2,
      maxLength: 2,
      'x-options': 'usage_locations',
    },
    licenses: {
      type: 'array',
      title: 'Licences',
      items: { anyOf: [{ $ref: '#/$defs/License' }, { type: 'string' }] },
      default: [],
      'x-options': 'license_skus',
    },
    groups: { type: 'array', title: 'Groups', items: { type: 'string' }, default: [], 'x-options': 'groups' },
    manager: {
      anyOf: [{ type: 'string' }, { type: 'null' }],
      title: 'Manager',
      description: 'Taken from the person’s job details when empty.',
      default: null,
      'x-options': 'managers',
    },
    require_password_change: { type: 'boolean', title: 'Change the password at the first sign-in', default: true },
  },
}

function app(key: string, title: string, vendor: string, form: object, extra: Partial<AppRead> = {}): AppRead {
  return {
    key,
    title,
    vendor,
    glyph: key,
    form: form as AppRead['form'],
    offered: true,
    offered_by_default: true,
    enabled: true,
    connection: { status: 'active', reason: null, display_name: null },
    capabilities: [],
    actions: [],
    aliases: [],
    options: [],
    summary: '',
    limits: { calls_per_second: 10, concurrency: 4, settle_seconds: 0, source: '' },
    ...extra,
  }
}

export const apps: AppRead[] = [
  app('google-workspace', 'Google Workspace', 'google', google, {
    connection: { status: 'active', reason: null, display_name: 'acme.example' },
    summary: 'Account, licences and groups in Google Workspace or Cloud Identity.',
  }),
  app('microsoft-365', 'Microsoft 365', 'microsoft', microsoft, {
    connection: { status: 'active', reason: null, display_name: 'Acme Manufacturing (acme.onmicrosoft.com)' },
    summary: 'Account, licences, groups and manager in Microsoft 365 (Microsoft Entra ID).',
  }),
  app('slack', 'Slack', 'slack', form('role', 'Role'), {
    offered: false,
    offered_by_default: false,
    enabled: false,
    connection: null,
    summary: 'Member or guest, user groups and channels in Slack.',
  }),
  app('jira', 'Jira', 'atlassian', form('group', 'Group'), { enabled: false, connection: null, summary: 'Product access and groups in Jira.' }),
  app('github', 'GitHub', 'github', form('team', 'Team'), {
    connection: { status: 'needs_reauth', reason: 'GitHub was disconnected by its owner. Reconnect it under Connected accounts.', display_name: null },
    summary: 'Membership, teams and role in a GitHub organisation.',
  }),
  app('zoom', 'Zoom', 'zoom', form('licence_type', 'Licence type'), {
    offered: false,
    enabled: false,
    connection: { status: 'active', reason: null, display_name: 'acme.example' },
    summary: 'User, licence type, add-ons and groups in Zoom.',
  }),
]

function form(name: string, title: string): object {
  return { type: 'object', properties: { [name]: { type: 'string', title, default: '' } } }
}

const groups = ['All staff', 'Engineering', 'Engineering Berlin', 'Platform on-call', 'Design', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte', 'Finance', '経営企画部', 'Sales EMEA', 'VPN users']

export const options: Record<string, { value: string; label: string; detail?: string; free?: number; total?: number; disabled?: boolean }[]> = {
  'google-workspace/org_units': [
    { value: '/', label: '/', detail: 'The whole organisation' },
    { value: '/Engineering', label: '/Engineering' },
    { value: '/Engineering/Berlin', label: '/Engineering/Berlin' },
    { value: '/Sales', label: '/Sales' },
    { value: '/Contractors', label: '/Contractors', detail: 'No Drive sharing outside' },
  ],
  'google-workspace/license_skus': [
    { value: 'Google-Apps/1010020020', label: 'Enterprise Plus', detail: 'Google Workspace', free: 12, total: 50 },
    { value: 'Google-Apps/1010020028', label: 'Business Standard', detail: 'Google Workspace', free: 0, total: 25 },
    { value: '101047/1010470001', label: 'Gemini Enterprise', detail: 'Add-on', free: 3, total: 10 },
  ],
  'google-workspace/groups': groups.map((label, index) => ({ value: `group${index}@acme.example`, label, detail: `group${index}@acme.example` })),
  'microsoft-365/license_skus': [
    { value: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', label: 'Business Premium', detail: 'SPB', free: 12, total: 50 },
    { value: '05e9a617-0261-4cee-bb44-138d3ef5d965', label: 'Microsoft 365 E3', detail: 'SPE_E3', free: 1, total: 200 },
    { value: '18181a46-0d4e-45cd-891e-60aabd171b4e', label: 'Office 365 E1', detail: 'STANDARDPACK', free: 0, total: 40 },
    { value: 'f30db892-07e9-47e9-837c-80727f46fd3d', label: 'Power Automate Free', detail: 'FLOW_FREE', free: 9991, total: 10000 },
  ],
  'microsoft-365/groups': groups.map((label, index) => ({ value: `00000000-0000-4000-8000-00000000000${index}`, label, detail: 'Security group' })),
  'microsoft-365/managers': [
    { value: 'grace.hopper@acme.example', label: 'Grace Hopper', detail: 'grace.hopper@acme.example' },
    { value: 'katherine.johnson@acme.example', label: 'Katherine Johnson', detail: 'katherine.johnson@acme.example' },
  ],
  'microsoft-365/usage_locations': [
    { value: 'DE', label: 'Germany' },
    { value: 'GB', label: 'United Kingdom' },
    { value: 'JP', label: 'Japan' },
    { value: 'US', label: 'United States' },
  ],
}
