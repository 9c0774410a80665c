import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { TagRuleRead } from '@/api/types'
import { can, sessionQuery } from '@/features/session/api'
import { NEW } from '@/features/tag-rules/draft'
import { TextLink } from '@/ui/link'
import { notify } from '@/ui/notify'
import { EmptyState, Page } from '@/ui/page'
import { RuleEditor } from './rule-editor'

/** Makes a tag rule. */
export function NewTagRulePage() {
  const navigate = useNavigate()
  const { data: session } = useQuery(sessionQuery)
  const [made, setMade] = useState<TagRuleRead | null>(null)

  // One render after the draft was settled, so that leaving asks nothing.
  useEffect(() => {
    if (made) void navigate({ to: '/tag-rules/$ruleId', params: { ruleId: made.id }, replace: true })
  }, [made, navigate])

  return (
    <Page
      title="New tag rule"
      lead="It is about whoever gets the tag from now on."
      narrow
      above={
        <TextLink id="tag-rule-back" to="/tag-rules" size="sm">
          Tag rules
        </TextLink>
      }
    >
      {can(session, 'settings:write') ? (
        <RuleEditor
          id={null}
          start={NEW}
          saveLabel="Create the tag rule"
          onSaved={(rule) => {
            setMade(rule)
            notify('ok', `The rule for “${rule.tag}” is there`, rule.enabled ? 'It queues whoever gets the tag from now on.' : 'It is off: switch it on when it should queue people.')
          }}
        />
      ) : (
        <EmptyState icon="blocked" title="Your role only reads">
          An administrator can make tag rules. Ask one of them.
        </EmptyState>
      )}
    </Page>
  )
}
