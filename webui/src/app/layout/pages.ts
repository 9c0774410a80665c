import { paths } from '@/config/paths'
import type { IconName } from '@/ui/icons'

/** The pages that the navigation and the command palette offer. */
export const pages = [
  { id: 'nav-overview', group: 'Work', label: 'Overview', to: paths.overview, icon: 'home', permission: 'requests:read' },
  { id: 'nav-new-hire', group: 'Work', label: 'New hire', to: paths.newHire, icon: 'userPlus', permission: 'requests:write' },
  { id: 'nav-requests', group: 'Work', label: 'Requests', to: paths.requests, icon: 'list', permission: 'requests:read' },
  { id: 'nav-people', group: 'Work', label: 'People', to: paths.people, icon: 'people', permission: 'employees:read' },
  { id: 'nav-schedule', group: 'Work', label: 'Schedule', to: paths.schedule, icon: 'calendar', permission: 'schedule:read' },
  { id: 'nav-apps', group: 'Connections', label: 'Apps', to: paths.apps, icon: 'grid', permission: 'apps:read' },
  { id: 'nav-connections', group: 'Connections', label: 'Connected accounts', to: paths.connections, icon: 'plug', permission: 'connections:read' },
  { id: 'nav-notifications', group: 'Connections', label: 'Notifications', to: paths.notifications, icon: 'bell', permission: 'notifications:read' },
  { id: 'nav-role-templates', group: 'Tenant', label: 'Role templates', to: paths.roleTemplates, icon: 'layers', permission: 'role_templates:read' },
  { id: 'nav-tag-rules', group: 'Tenant', label: 'Tag rules', to: paths.tagRules, icon: 'tag', permission: 'schedule:read' },
  { id: 'nav-api-keys', group: 'Tenant', label: 'API keys', to: paths.apiKeys, icon: 'key', permission: 'api_keys:write' },
  { id: 'nav-operators', group: 'Tenant', label: 'Operators', to: paths.operators, icon: 'shield', permission: 'operators:read' },
  { id: 'nav-audit', group: 'Tenant', label: 'Audit', to: paths.audit, icon: 'book', permission: 'audit:read' },
] as const satisfies readonly { id: string; group: string; label: string; to: string; icon: IconName; permission: string }[]
