import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { scheduleZoneQuery } from '@/features/schedule/api'
import { can, sessionQuery } from '@/features/session/api'
import { tagRulesQuery } from '@/features/tag-rules/api'
import { RulesTable } from '@/features/tag-rules/rules-table'
import { Icon } from '@/ui/icons'
import { ButtonLink } from '@/ui/link'
import { EmptyState, ErrorState, Page } from '@/ui/page'

/** The list of tag rules. */
export function TagRulesPage() {
  const navigate = useNavigate()
  const query = useQuery(tagRulesQuery)
  const { data: zone } = useQuery(scheduleZoneQuery)
  const { data: session } = useQuery(sessionQuery)
  const create = can(session, 'settings:write') && (
    <ButtonLink id="tag-rules-new" to="/tag-rules/new" leftSection={<Icon name="plus" size={16} />}>
      New tag rule
    </ButtonLink>
  )
  const empty = query.data?.length === 0
  return (
    <Page
      title="Tag rules"
      lead="Somebody who gets one of these tags is queued for their start date; whoever loses it before then is withdrawn."
      action={empty ? undefined : create}
    >
      {query.isError ? (
        <ErrorState id="tag-rules" error={query.error} onRetry={() => void query.refetch()} />
      ) : empty ? (
        <EmptyState icon="tag" title="No tag rules" action={create}>
          An HR system that tags people can start their hires: the rule says which role template a tag stands for, and how long before the start date it runs.
        </EmptyState>
      ) : (
        <RulesTable rules={query.data} zone={zone ?? ''} onOpen={(rule) => void navigate({ to: '/tag-rules/$ruleId', params: { ruleId: rule.id } })} />
      )}
    </Page>
  )
}
