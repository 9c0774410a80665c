import { readFileSync } from 'node:fs'
import type { AppRead } from '../src/api/types.ts'

// What the providers say of themselves, written by `make gen`: the forms here are the real ones.
const told = JSON.parse(readFileSync(new URL('./generated/apps.json', import.meta.url), 'utf8')) as { items: AppRead[] }

const THROUGH: Record<string, string> = {
  'google-workspace': 'acme.example',
  'microsoft-365': 'Acme Manufacturing (acme.onmicrosoft.com)',
  slack: 'acme.slack.com',
  jira: 'acme.atlassian.net',
  confluence: 'acme.atlassian.net',
  github: 'github.com/acme',
  clickup: 'Acme Workspace',
  zoom: 'acme.example',
  hubspot: 'Hub 4711',
  scim: 'Reisekostenabrechnungssystem (Konzernverbund Süd)',
}

/** Every app, each switched on and connected: the company that has all ten. */
export const apps: AppRead[] = told.items.map((app) => ({
  ...app,
  offered: true,
  enabled: true,
  connection: { status: 'active', reason: null, display_name: THROUGH[app.key] ?? null },
}))

const ELSEWHERE: Record<string, Partial<AppRead>> = {
  slack: { offered: false, enabled: false, connection: null },
  jira: { enabled: false, connection: null },
  confluence: { enabled: false, connection: null },
  github: {
    connection: { status: 'needs_reauth', reason: 'GitHub was disconnected by its owner. Reconnect it under Connected accounts.', display_name: null },
  },
  zoom: { offered: false, enabled: false },
}

/** The other company: apps that are switched off, not connected, or whose connection needs somebody. */
export const fewApps: AppRead[] = apps.map((app) => ({ ...app, ...ELSEWHERE[app.key] }))
