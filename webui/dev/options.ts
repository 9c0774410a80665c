import type { OptionRead } from '../src/api/types.ts'

type Choice = Partial<OptionRead> & Pick<OptionRead, 'value' | 'label'>

const NAMES = ['All staff', 'Engineering', 'Engineering Berlin', 'Platform on-call', 'Design', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte', 'Finance', '経営企画部 第二課', 'Sales EMEA', 'VPN users']
const PLACES = ['Berlin', 'Tōkyō', 'São Paulo', 'Kraków', 'Zürich', 'Nairobi', 'Montréal', 'Reykjavík', 'Guadalajara', 'Ljubljana']

/** Two hundred names, the odd ones first. */
const many = Array.from({ length: 200 }, (_, index) => NAMES[index] ?? `${NAMES[index % NAMES.length]} ${PLACES[Math.floor(index / 10) % PLACES.length]} ${Math.floor(index / 100) + 1}`)

const named = (labels: readonly string[], detail?: (label: string) => string): Choice[] => labels.map((label) => ({ value: label, label, detail: detail?.(label) }))
const numbered = (labels: readonly string[], detail: string): Choice[] => labels.map((label, index) => ({ value: String(90_110 + index), label, detail }))

const lists: Record<string, Choice[]> = {
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
  'google-workspace/groups': many.map((label, index) => ({ value: `group${index}@acme.example`, label, detail: `group${index}@acme.example` })),
  'microsoft-365/license_skus': [
    { value: 'cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46', label: 'Business Premium', detail: 'SPB', free: 12, total: 50 },
    { value: '05e9a617-0261-4cee-bb44-138d3ef5d965', label: 'Microsoft 365 E3', detail: 'SPE_E3', free: 1, total: 200 },
    { value: '18181a46-0d4e-45cd-891e-60aabd171b4e', label: 'Office 365 E1', detail: 'STANDARDPACK', free: 0, total: 40 },
    { value: 'f30db892-07e9-47e9-837c-80727f46fd3d', label: 'Power Automate Free', detail: 'FLOW_FREE', free: 9991, total: 10000 },
  ],
  'microsoft-365/groups': many.map((label, index) => ({ value: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, label, detail: 'Security group' })),
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
  'slack/groups': named(['engineering', 'on-call', 'sales-emea']),
  'slack/channels': named(['#announcements', '#engineering', '#berlin', '#経営企画', '#projekt-donaudampfschifffahrtselektrizitätenhauptbetriebswerk'], () => 'Public channel'),
  'slack/timezones': named(['Europe/Berlin', 'Europe/London', 'Asia/Tokyo', 'America/New_York']),
  'jira/access_groups': named(['jira-software-users', 'jira-servicedesk-users'], () => 'Gives access to Jira'),
  'jira/groups': named(many.map((name) => `jira ${name}`)),
  'confluence/access_groups': named(['confluence-users'], () => 'Gives access to Confluence'),
  'confluence/groups': named(['handbook-editors', 'personalabteilung-leserechte']),
  'github/teams': [
    { value: 'platform', label: 'Platform', detail: 'platform' },
    { value: 'web', label: 'Web', detail: 'web' },
    { value: 'security-champions', label: 'Security champions', detail: 'security-champions' },
  ],
  'clickup/custom_roles': numbered(['Reviewer', 'Projektleitung'], 'Custom role'),
  'clickup/groups': numbered(['Marketing', 'Engineering'], 'Team'),
  'clickup/lists': numbered(['Launch plan', 'Umzugsvorbereitungsmaßnahmen 2027'], 'Space Operations'),
  'clickup/folders': numbered(['Agency work', 'Audit 2026'], 'Space Finance'),
  'zoom/add_ons': [
    { value: 'webinar500', label: 'Webinar 500', detail: 'Add-on', free: 2, total: 5 },
    { value: 'large500', label: 'Large meeting 500', detail: 'Add-on', free: 0, total: 2 },
  ],
  'zoom/groups': named(['Sales', 'Recorded meetings']),
  'zoom/roles': named(['Admin', 'Raumverwaltung']),
  'hubspot/permission_sets': numbered(['Sales representative', 'Marketing manager', 'Super admin'], 'Permission set'),
  'hubspot/teams': numbered(['Sales DACH', 'Sales Japan', 'Customer success'], 'Team'),
  'hubspot/seats': [
    { value: 'Sales Hub Professional', label: 'Sales Hub Professional', free: 4, total: 20 },
    { value: 'Core', label: 'Core', free: 0, total: 10 },
    { value: 'View-only', label: 'View-only' },
  ],
  'scim/groups': named(['Reisende', 'Genehmigende', 'Buchhaltung']),
}

/** The choices of a form's field that match a text. */
export function optionsOf(app: string, name: string, text: string): OptionRead[] {
  return (lists[`${app}/${name}`] ?? [])
    .filter((one) => `${one.label} ${one.value} ${one.detail ?? ''}`.toLowerCase().includes(text))
    .map((one) => ({ detail: null, disabled: false, free: null, total: null, parts: [], ...one }))
}

/** The words for a choice. */
export function labelOf(app: string, name: string, value: string): string {
  return lists[`${app}/${name}`]?.find((one) => one.value === value)?.label ?? value
}

/** The free seats of a choice, where the vendor counts them. */
export function freeOf(app: string, name: string, value: string): number | null {
  return lists[`${app}/${name}`]?.find((one) => one.value === value)?.free ?? null
}
