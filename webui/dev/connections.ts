import type { ConnectionDetail, ConnectionMethodRead, VendorMethodsRead, ConnectionFieldRead } from '../src/api/types.ts'
import { ok, problem, type Reply } from './answer.ts'
import { ago, newId } from './make.ts'

export type MockConnection = ConnectionDetail

const field = (name: string, label: string, help: string, extra: Partial<ConnectionFieldRead> = {}): ConnectionFieldRead => ({ name, label, help, secret: false, multiline: false, required: true, ...extra })

const method = (key: string, title: string, kind: ConnectionMethodRead['kind'], extra: Partial<ConnectionMethodRead> = {}): ConnectionMethodRead => ({
  key, title, kind, explanation: '', preparation: [], scopes: [], fields: [], available: true, unavailable_reason: null, ...extra,
})

const GOOGLE_SCOPES = [
  ['admin.directory.user', 'Create, adopt, update, suspend and delete accounts'],
  ['admin.directory.user.security', 'End sessions, revoke app tokens and app passwords'],
  ['admin.directory.group.readonly', 'Look groups up'],
  ['admin.directory.group.member', 'Add to and remove from groups'],
  ['admin.directory.orgunit.readonly', 'Look organisational units up'],
  ['apps.licensing', 'Assign, switch and remove licences'],
  ['admin.reports.audit.readonly', 'See when somebody last signed in'],
].map(([name = '', why = '']) => ({ name: `https://www.googleapis.com/auth/${name}`, why }))
const GRAPH_SCOPES = [
  { name: 'User.ReadWrite.All', why: 'Create and change accounts' },
  { name: 'Group.ReadWrite.All', why: 'Add to and remove from groups' },
  { name: 'LicenseAssignment.ReadWrite.All', why: 'Assign and remove licences' },
  { name: 'User.RevokeSessions.All', why: 'Sign out everywhere when somebody leaves' },
]

const vendors: VendorMethodsRead[] = [
  { vendor: 'google', title: 'Google', apps: ['google-workspace'], methods: [
    method('service_account', 'Service account', 'typed_in', {
      explanation: 'A key of your own Google Cloud project, which an administrator lets act for them. Nobody’s leaving ends it.',
      preparation: ['In a Google Cloud project, switch on the Admin SDK API and the Enterprise License Manager API.', 'Make a service account there, and a JSON key for it.', 'In the Admin console, under Security, API controls, Domain-wide delegation: add its client ID with the scopes below.'],
      scopes: GOOGLE_SCOPES,
      fields: [field('service_account', 'Service account key', 'The whole JSON file.', { secret: true, multiline: true }), field('admin_subject', 'Administrator', 'The address of the administrator that OneClick acts as.'), field('customer_id', 'Customer ID', 'Admin console, Account settings. It begins with C.')],
    }),
    method('delegated', 'Sign in as an administrator', 'redirect', { explanation: 'You agree at Google, and OneClick acts as you. Ends when your account ends.', scopes: GOOGLE_SCOPES }),
  ] },
  { vendor: 'microsoft', title: 'Microsoft', apps: ['microsoft-365'], methods: [
    method('admin_consent', 'Administrator’s consent', 'redirect', { explanation: 'A global administrator agrees once for the whole tenant. OneClick then acts by itself.', preparation: ['Sign in as a Global Administrator or a Privileged Role Administrator.'], scopes: GRAPH_SCOPES }),
    method('delegated', 'Sign in as an administrator', 'redirect', { explanation: 'OneClick acts as you, and no further than you may.', scopes: GRAPH_SCOPES }),
  ] },
  { vendor: 'slack', title: 'Slack', apps: ['slack'], methods: [
    method('oauth', 'Slack’s consent', 'redirect', { explanation: 'An owner of the workspace agrees at Slack.', scopes: [{ name: 'admin', why: 'Manage people through SCIM' }, { name: 'users:read.email', why: 'Find people by address' }], available: false, unavailable_reason: 'This installation has no app registered at Slack. Whoever runs OneClick sets SLACK_OAUTH_CLIENT_ID and SLACK_OAUTH_CLIENT_SECRET.' }),
    method('scim_token', 'SCIM token', 'typed_in', { explanation: 'A token with the admin scope that an owner made.', preparation: ['You need Slack Business+ or Enterprise.'], fields: [field('token', 'SCIM token', 'It begins with xoxp-.', { secret: true })] }),
  ] },
  { vendor: 'atlassian', title: 'Atlassian', apps: ['jira', 'confluence'], methods: [method('keys', 'Organisation keys', 'typed_in', { explanation: 'An organisation’s API key, a SCIM key and a site’s token.', fields: [field('site', 'Site', 'Such as acme.atlassian.net.'), field('org_api_key', 'Organisation API key', '', { secret: true }), field('scim_key', 'SCIM key', 'Only where a directory is linked.', { secret: true, required: false })] })] },
  { vendor: 'github', title: 'GitHub', apps: ['github'], methods: [method('app', 'GitHub App', 'redirect', { explanation: 'An owner of the organisation installs OneClick’s App.', scopes: [{ name: 'members: write', why: 'Invite, add to teams and remove' }] })] },
  { vendor: 'clickup', title: 'ClickUp', apps: ['clickup'], methods: [method('oauth', 'ClickUp’s consent', 'redirect', { explanation: 'An owner agrees at ClickUp. It has no scopes: OneClick may do what you may.' })] },
  { vendor: 'zoom', title: 'Zoom', apps: ['zoom'], methods: [method('server_to_server', 'Server-to-server app', 'typed_in', { explanation: 'An app of your own account at Zoom.', fields: [field('account_id', 'Account ID', ''), field('client_id', 'Client ID', ''), field('client_secret', 'Client secret', '', { secret: true })] })] },
  { vendor: 'hubspot', title: 'HubSpot', apps: ['hubspot'], methods: [method('oauth', 'HubSpot’s consent', 'redirect', { explanation: 'A super admin agrees at HubSpot.', scopes: [{ name: 'settings.users.write', why: 'Create and remove users' }] })] },
  { vendor: 'scim', title: 'Any SCIM service', apps: ['scim'], methods: [method('bearer', 'Bearer token', 'typed_in', { explanation: 'A service that speaks SCIM 2.0.', fields: [field('base_url', 'Base address', 'Ends in /scim/v2.'), field('token', 'Token', '', { secret: true })] })] },
]

function made(vendor: string, extra: Partial<ConnectionDetail> = {}): ConnectionDetail {
  const found = vendors.find((one) => one.vendor === vendor)
  const way = found?.methods[0]
  return {
    id: newId(), vendor, title: `${found?.title ?? vendor}, acme.example`, account: 'acme.example', apps: found?.apps ?? [], method: way?.key ?? '', state: 'active', reason: null, remedy: null, link: null,
    connected_at: ago(86_400 * 40), connected_by: { id: 'o1', address: 'admin@acme.example' }, last_refresh_at: ago(1_260), expires_at: null,
    scopes_granted: (way?.scopes ?? []).map(({ name }) => name), scopes_missing: [], testing: false, last_test: { at: ago(86_400), ok: true, message: 'Read the account and one user.' }, ...extra,
  }
}

/** A connection in every state. */
export function seedConnections(): MockConnection[] {
  return [
    made('google', { title: 'Google Workspace' }),
    made('microsoft', { title: 'Microsoft 365', account: 'acme.onmicrosoft.com', state: 'needs_reauth', reason: 'Microsoft says the administrator’s consent was withdrawn (AADSTS65001).', remedy: 'Reconnect it as a Global Administrator.', link: 'https://entra.microsoft.com/', scopes_granted: ['User.ReadWrite.All'], scopes_missing: GRAPH_SCOPES.slice(1, 3), last_test: { at: ago(3_000), ok: false, message: 'Microsoft refused: AADSTS65001.' } }),
    made('slack', { account: 'acme.slack.com', title: 'Slack', state: 'expiring', reason: 'The token ends in six days and cannot be renewed by itself.', remedy: 'Make a new token and reconnect.', expires_at: ago(-86_400 * 6), last_test: null, last_refresh_at: null }),
    made('github', { account: 'acme', title: 'GitHub', connected_by: null, method: 'environment' }),
    made('scim', { title: 'Reisekostenabrechnungssystem des Konzernverbundes Süd (Testmandant)', account: 'reisekostenabrechnungssystem.konzernverbund-sued.acme.example', connected_by: { id: 'o2', address: 'wolfeschlegelsteinhausenbergerdorff.hohenzollern@research.acme.example' }, state: 'error', reason: 'The service answered with a page instead of SCIM: its address may be wrong.', remedy: 'Check the base address, then reconnect.' }),
    made('zoom', { title: 'Zoom', state: 'disconnected', reason: 'Disconnected by admin@acme.example.', last_refresh_at: null }),
  ]
}

/** What `/api/connection-methods` would answer. */
export const onConnectionMethods = (): Reply => ok({ items: vendors })

function connected(all: ConnectionDetail[], vendor: string, way: string, id: string | null, title?: string): ConnectionDetail {
  const found = all.find((one) => one.id === id) ?? made(vendor)
  if (!all.includes(found)) all.push(found)
  Object.assign(found, { method: way, state: 'active', reason: null, remedy: null, link: null, connected_at: ago(0), scopes_missing: [], last_test: null, title: title ?? found.title })
  return found
}

/** The vendor's consent page, without the page: `&cancel=1` is the button beside it. */
export function onAuthorize(all: ConnectionDetail[], vendor: string, url: URL): string {
  if (url.searchParams.has('cancel')) return `/admin/connections?failed=access_denied&vendor=${vendor}`
  return `/admin/connections?connected=${connected(all, vendor, url.searchParams.get('method') ?? '', url.searchParams.get('connection_id')).id}`
}

/** What `/api/connections` would answer. ConnectionCreate that contain “wrong” are refused. */
export function onConnections(all: ConnectionDetail[], verb: string, [id, what]: string[], body: Record<string, unknown>): Reply {
  if (id === undefined) return ok({ items: all })
  if (verb === 'POST' && what === undefined) {
    const fields = body.fields as Record<string, string>
    const bad = Object.keys(fields).find((name) => fields[name]?.includes('wrong'))
    if (bad !== undefined) {
      const message = 'The vendor does not know it. Copy it again, whole.'
      return problem(422, 'invalid_input', message, [{ field: `fields.${bad}`, message, code: 'refused' }])
    }
    return ok(connected(all, id, String(body.method), (body.connection_id as string | undefined) ?? null, body.title as string | undefined), 201)
  }
  const found = all.find((one) => one.id === id)
  if (!found) return problem(404, 'connection_not_found', 'There is no such connection.')
  if (what === 'dependants') return ok({ apps: found.apps, waiting_requests: 3, schedules: 2, subscriptions: found.vendor === 'microsoft' ? 4 : 0 })
  if (what === 'test') {
    const works = ['active', 'expiring'].includes(found.state)
    setTimeout(() => { found.last_test = { at: new Date().toISOString(), ok: works, message: works ? 'Read the account and one user.' : found.reason ?? '' } }, 1200)
    return ok({}, 202)
  }
  if (what === 'disconnect') Object.assign(found, { state: 'disconnected', reason: 'Disconnected by admin@acme.example.', remedy: null, link: null, scopes_granted: [], scopes_missing: [] })
  if (verb === 'PATCH') found.title = String(body.title)
  return ok(found)
}

