import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ApiError } from '@/api/errors'
import type { DecisionRead, TagRuleWrite } from '@/api/types'
import { count } from '@/lib/format'
import { DataTable, type Column } from '@/ui/data-table'
import { Icon } from '@/ui/icons'
import { ErrorState } from '@/ui/page'
import { Truncate } from '@/ui/truncate'
import { ZonedTime } from '@/ui/zoned-time'
import { rulePreviewQuery } from './api'
import classes from './tag-rules.module.css'

const MOST = 200

function Person({ decision }: { decision: DecisionRead }) {
  const { id, full_name, work_email } = decision.employee
  return (
    <div className={classes.named}>
      <Link id={`tag-rule-preview-${id}`} to="/people/$personId" params={{ personId: id }} className={classes.link} data-row-link>
        <Truncate text={full_name} />
      </Link>
      <Truncate text={work_email} className={classes.muted} />
    </div>
  )
}

function Outcome({ decision }: { decision: DecisionRead }) {
  const { at, local, time_zone, note, reason, queued, role_template, warning } = decision
  if (at === null || local === null) {
    return (
      <span className={classes.wrong}>
        <Icon name="minus" size={14} /> Nobody queued: {reason}
      </span>
    )
  }
  return (
    <div className={classes.named}>
      <span>
        {queued ? 'Queued for ' : 'Would run '}
        <ZonedTime at={at} local={local} zone={time_zone} />
      </span>
      {role_template !== null && <Truncate text={`With ${role_template.name}`} className={classes.muted} />}
      {[note?.message, warning].map(
        (words) =>
          words != null && (
            <span key={words} className={classes.shift}>
              <Icon name="warning" size={14} /> {words}
            </span>
          ),
      )}
    </div>
  )
}

const columns: Column<DecisionRead>[] = [
  { key: 'person', header: 'Person', width: '40%', cell: (decision) => <Person decision={decision} /> },
  { key: 'outcome', header: 'What the rule does', cell: (decision) => <Outcome decision={decision} /> },
]

interface RulePreviewProps {
  rule: TagRuleWrite
  /** Whether the form can be asked about at all. */
  sound: boolean
  /** The rule's id while the form is as it is stored: then it is known whom it has queued. */
  storedId: string | null
}

/** What a rule does with everybody who has its tag now. Asking changes nothing. */
export function RulePreview({ rule, sound, storedId }: RulePreviewProps) {
  const [asked] = useDebouncedValue(JSON.stringify(rule), 400)
  const query = useQuery({ ...rulePreviewQuery(JSON.parse(asked) as TagRuleWrite, storedId), enabled: sound })
  if (!sound) return <p className={classes.muted}>Shown once the rule has a tag and a time.</p>
  // What is wrong with a field stands beside the field once it is saved.
  if (query.error instanceof ApiError && query.error.status === 422) return <p className={classes.muted}>{query.error.detail}</p>
  if (query.isError) return <ErrorState id="tag-rule-preview" error={query.error} onRetry={() => void query.refetch()} />
  const found = query.data
  if (found?.length === 0) {
    return (
      <p id="tag-rule-preview-nobody" className={classes.muted}>
        Nobody has the tag “{rule.tag}” now. Whoever gets it from now on is queued.
      </p>
    )
  }
  return (
    <>
      {found && (
        <p id="tag-rule-preview-count" className={classes.muted}>
          {found.length >= MOST ? `The first ${MOST} people who have` : `${count(found.length, 'person', 'people')} ${found.length === 1 ? 'has' : 'have'}`} the tag now.
          {storedId === null && ' A rule is about whoever gets its tag after it was made; this is what it would say of those who have it.'}
        </p>
      )}
      <DataTable id="tag-rule-preview" label="What the rule does" columns={columns} rows={found} rowKey={(one) => one.employee.id} refreshing={query.isPlaceholderData} />
    </>
  )
}
