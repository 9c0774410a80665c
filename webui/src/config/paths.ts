/** Every page of the app, once. */
export const paths = {
  overview: '/',
  newHire: '/new-hire',
  requests: '/requests',
  request: '/requests/$requestId',
  people: '/people',
  person: '/people/$personId',
  schedule: '/schedule',
  scheduled: '/schedule/$scheduleId',
  apps: '/apps',
  roleTemplates: '/role-templates',
  newRoleTemplate: '/role-templates/new',
  roleTemplate: '/role-templates/$templateId',
  tagRules: '/tag-rules',
  newTagRule: '/tag-rules/new',
  tagRule: '/tag-rules/$ruleId',
  audit: '/audit',
  connections: '/admin/connections',
  connection: '/admin/connections/$connectionId',
  notifications: '/admin/notifications',
  apiKeys: '/admin/api-keys',
  operators: '/admin/operators',
  signIn: '/sign-in',
} as const

/** Where the browser goes, by a full page load, to start the sign-in at the identity provider. */
export function signInAddress(returnTo: string): string {
  return `/bff/sign-in?return_to=${encodeURIComponent(localPath(returnTo))}`
}

/** Only a path of this app may be returned to; anything else becomes the overview. */
export function localPath(path: string): string {
  return /^\/(?![/\\])/.test(path) && !path.startsWith('/sign-in') ? path : '/'
}
