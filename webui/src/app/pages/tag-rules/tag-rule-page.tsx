import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { TagRuleRead } from '@/api/types'
import { can, sessionQuery } from '@/features/session/api'
import { tagRuleQuery, useDeleteTagRule } from '@/features/tag-rules/api'
import { draftOf } from '@/features/tag-rules/draft'
import { Confirm } from '@/ui/confirm'
import { Icon } from '@/ui/icons'
import { TextLink } from '@/ui/link'
import { notify } from '@/ui/notify'
import { ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { RuleEditor } from './rule-editor'

const route = getRouteApi('/signed-in/tag-rules/$ruleId')
const back = (
  <TextLink id="tag-rule-back" to="/tag-rules" size="sm">
    Tag rules
  </TextLink>
)

/** One tag rule: changed by administrators, read by the others. */
export function TagRulePage() {
  const { ruleId } = route.useParams()
  const query = useQuery(tagRuleQuery(ruleId))
  const { data: session } = useQuery(sessionQuery)
  const rule = query.data
  if (rule === undefined) {
    return (
      <Page title="Tag rule" above={back} narrow>
        {query.isError ? <ErrorState id="tag-rule" error={query.error} onRetry={() => void query.refetch()} /> : <LoadingBlocks />}
      </Page>
    )
  }
  return (
    <Page
      key={rule.id}
      title={rule.tag}
      above={back}
      narrow
      lead={rule.shipped ? 'As it came with OneClick. A change makes it your own.' : 'Whoever gets this tag is queued; whoever loses it before their day is withdrawn.'}
      action={can(session, 'settings:write') && <Delete rule={rule} />}
    >
      <RuleEditor
        id={rule.id}
        start={draftOf(rule)}
        saveLabel="Save the tag rule"
        onSaved={(saved) => {
          notify('ok', `The rule for “${saved.tag}” is saved`, 'What it has queued already stays as it is.')
        }}
      />
    </Page>
  )
}

function Delete({ rule }: { rule: TagRuleRead }) {
  const navigate = useNavigate()
  const deleting = useDeleteTagRule(rule.id)
  const [asking, setAsking] = useState(false)
  return (
    <>
      <Button
        id="tag-rule-delete"
        variant="default"
        leftSection={<Icon name="trash" size={16} />}
        onClick={() => {
          setAsking(true)
        }}
      >
        Delete
      </Button>
      <Confirm
        id="delete-dialog"
        opened={asking}
        title={`Delete the rule for “${rule.tag}”?`}
        confirmLabel="Delete the tag rule"
        cancelLabel="Keep it"
        danger
        busy={deleting.isPending}
        onConfirm={() => {
          deleting.mutate(undefined, {
            onSuccess: () => void navigate({ to: '/tag-rules', ignoreBlocker: true }),
            onError: (error) => {
              setAsking(false)
              notify('bad', 'It was not deleted', messageOf(error))
            },
          })
        }}
        onClose={() => {
          setAsking(false)
        }}
      >
        The tag queues nobody any more. Whom it has queued stays on the schedule until the tag is taken from them, or the schedule is cancelled.
      </Confirm>
    </>
  )
}
