import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { appsQuery } from '@/features/apps/api'
import { roleTemplatesQuery } from '@/features/role-templates/api'
import { TemplatesTable } from '@/features/role-templates/templates-table'
import { can, sessionQuery } from '@/features/session/api'
import { humanize } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { EmptyState, ErrorState, Page } from '@/ui/page'

/** The list of role templates. */
export function RoleTemplatesPage() {
  const navigate = useNavigate()
  const query = useQuery(roleTemplatesQuery)
  const { data: apps } = useQuery(appsQuery)
  const { data: session } = useQuery(sessionQuery)
  const create = can(session, 'role_templates:write') && (
    <ButtonLink id="role-templates-new" to="/role-templates/new" leftSection={<Icon name="plus" size={16} />}>
      New role template
    </ButtonLink>
  )
  const empty = query.data?.length === 0
  return (
    <Page title="Role templates" lead="Apps switched on and fields filled in for a kind of role, ready to choose for a new hire." action={empty ? undefined : create}>
      {query.isError ? (
        <ErrorState id="role-templates" error={query.error} onRetry={() => void query.refetch()} />
      ) : empty ? (
        <EmptyState icon="layers" title="No role templates" action={create}>
          A role template holds what everybody in a role gets, so that a new hire takes a name, an address and one choice.
        </EmptyState>
      ) : (
        <TemplatesTable
          templates={query.data}
          titleOf={(app) => apps?.find((one) => one.key === app)?.title ?? humanize(app)}
          onOpen={(template) => void navigate({ to: '/role-templates/$templateId', params: { templateId: template.id } })}
        />
      )}
    </Page>
  )
}
