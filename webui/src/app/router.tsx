import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { localPath, paths } from '@/config/paths'
import { sessionQuery } from '@/features/session/api'
import { NotFound, RouteError, RoutePending } from './layout/route-states'
import { Shell } from './layout/shell'
import { readAudit, readConnections, readNewHire, readNotifications, readOperators, readPeople, readRequests, readSchedule, readSignIn } from './search'

interface Context {
  queryClient: QueryClient
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: paths.signIn,
  validateSearch: readSignIn,
  beforeLoad: async ({ context, search }) => {
    const session = await context.queryClient.fetchQuery(sessionQuery).catch(() => null)
    if (session?.signed_in) throw redirect({ href: localPath(search.return_to ?? '/') })
  },
  component: lazyRouteComponent(() => import('./pages/sign-in-page'), 'SignInPage'),
})

const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (!session.signed_in) {
      context.queryClient.removeQueries({ queryKey: sessionQuery.queryKey })
      throw redirect({ to: '/sign-in', search: { return_to: localPath(location.href) } })
    }
  },
  component: Shell,
})

const overview = createRoute({
  getParentRoute: () => signedIn,
  path: paths.overview,
  component: lazyRouteComponent(() => import('./pages/overview-page'), 'OverviewPage'),
})

const newHire = createRoute({
  getParentRoute: () => signedIn,
  path: paths.newHire,
  validateSearch: readNewHire,
  component: lazyRouteComponent(() => import('./pages/new-hire/new-hire-page'), 'NewHirePage'),
})

const requests = createRoute({
  getParentRoute: () => signedIn,
  path: paths.requests,
  validateSearch: readRequests,
  component: lazyRouteComponent(() => import('./pages/requests-page'), 'RequestsPage'),
})

const request = createRoute({
  getParentRoute: () => signedIn,
  path: paths.request,
  component: lazyRouteComponent(() => import('./pages/request-page'), 'RequestPage'),
})

const people = createRoute({
  getParentRoute: () => signedIn,
  path: paths.people,
  validateSearch: readPeople,
  component: lazyRouteComponent(() => import('./pages/people-page'), 'PeoplePage'),
})

const person = createRoute({
  getParentRoute: () => signedIn,
  path: paths.person,
  component: lazyRouteComponent(() => import('./pages/person-page'), 'PersonPage'),
})

const schedule = createRoute({
  getParentRoute: () => signedIn,
  path: paths.schedule,
  validateSearch: readSchedule,
  component: lazyRouteComponent(() => import('./pages/schedule/schedule-page'), 'SchedulePage'),
})

const scheduled = createRoute({
  getParentRoute: () => signedIn,
  path: paths.scheduled,
  component: lazyRouteComponent(() => import('./pages/schedule/schedule-detail-page'), 'ScheduleDetailPage'),
})

const apps = createRoute({
  getParentRoute: () => signedIn,
  path: paths.apps,
  component: lazyRouteComponent(() => import('./pages/apps-page'), 'AppsPage'),
})

const roleTemplates = createRoute({
  getParentRoute: () => signedIn,
  path: paths.roleTemplates,
  component: lazyRouteComponent(() => import('./pages/role-templates/role-templates-page'), 'RoleTemplatesPage'),
})

const newRoleTemplate = createRoute({
  getParentRoute: () => signedIn,
  path: paths.newRoleTemplate,
  component: lazyRouteComponent(() => import('./pages/role-templates/new-role-template-page'), 'NewRoleTemplatePage'),
})

const roleTemplate = createRoute({
  getParentRoute: () => signedIn,
  path: paths.roleTemplate,
  component: lazyRouteComponent(() => import('./pages/role-templates/role-template-page'), 'RoleTemplatePage'),
})

const tagRules = createRoute({
  getParentRoute: () => signedIn,
  path: paths.tagRules,
  component: lazyRouteComponent(() => import('./pages/tag-rules/tag-rules-page'), 'TagRulesPage'),
})

const newTagRule = createRoute({
  getParentRoute: () => signedIn,
  path: paths.newTagRule,
  component: lazyRouteComponent(() => import('./pages/tag-rules/new-tag-rule-page'), 'NewTagRulePage'),
})

const tagRule = createRoute({
  getParentRoute: () => signedIn,
  path: paths.tagRule,
  component: lazyRouteComponent(() => import('./pages/tag-rules/tag-rule-page'), 'TagRulePage'),
})

const audit = createRoute({
  getParentRoute: () => signedIn,
  path: paths.audit,
  validateSearch: readAudit,
  component: lazyRouteComponent(() => import('./pages/audit-page'), 'AuditPage'),
})

const connections = createRoute({
  getParentRoute: () => signedIn,
  path: paths.connections,
  validateSearch: readConnections,
  component: lazyRouteComponent(() => import('./pages/connections/connections-page'), 'ConnectionsPage'),
})

const connection = createRoute({
  getParentRoute: () => signedIn,
  path: paths.connection,
  component: lazyRouteComponent(() => import('./pages/connections/connection-page'), 'ConnectionPage'),
})

const notifications = createRoute({
  getParentRoute: () => signedIn,
  path: paths.notifications,
  validateSearch: readNotifications,
  component: lazyRouteComponent(() => import('./pages/notifications/notifications-page'), 'NotificationsPage'),
})

const apiKeys = createRoute({
  getParentRoute: () => signedIn,
  path: paths.apiKeys,
  component: lazyRouteComponent(() => import('./pages/admin/api-keys-page'), 'ApiKeysPage'),
})

const operators = createRoute({
  getParentRoute: () => signedIn,
  path: paths.operators,
  validateSearch: readOperators,
  component: lazyRouteComponent(() => import('./pages/admin/operators-page'), 'OperatorsPage'),
})

const tree = root.addChildren([
  signIn,
  signedIn.addChildren([
    overview, newHire, requests, request, people, person, apps, roleTemplates, newRoleTemplate, roleTemplate, audit,
    connections, connection, notifications, apiKeys, operators,
    schedule, scheduled, tagRules, newTagRule, tagRule,
  ]),
])

/** The routes: each page is fetched when it is first opened, or a moment before, when its link is hovered or focused. */
export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultErrorComponent: RouteError,
    defaultPendingComponent: RoutePending,
    defaultPendingMs: 300,
    scrollRestoration: true,
  })
}
