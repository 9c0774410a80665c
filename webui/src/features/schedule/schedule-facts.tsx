import { Paper } from '@mantine/core'
import type { ScheduleDetail } from '@/api/types'
import { humanize } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { TextLink } from '@/ui/link'
import { RelativeTime } from '@/ui/time'
import { ruleInWords } from './recurrence'
import classes from './schedule.module.css'

const EXISTING: Record<string, string> = {
  ask: 'Asked about: it waits for a person',
  adopt: 'Linked to this person',
  fail: 'Makes the app fail',
}

/** What runs, for whom, and who said so. */
export function ScheduleFacts({ schedule, template }: { schedule: ScheduleDetail; template: string | null }) {
  const { recurrence, role_template: ref } = schedule
  const startDate = schedule.person.start_date
  return (
    <Paper p="md">
      <dl className={classes.facts}>
        <div>
          <dt>Person</dt>
          <dd>
            <TextLink id="schedule-person" to="/people/$personId" params={{ personId: schedule.employee.id }}>
              {schedule.employee.work_email}
            </TextLink>
          </dd>
        </div>
        <div>
          <dt>Apps</dt>
          <dd>
            <Apps schedule={schedule} />
          </dd>
        </div>
        {ref !== null && (
          <div>
            <dt>Role template</dt>
            <dd>
              {ref.id === null ? (
                (template ?? ref.key)
              ) : (
                <TextLink id="schedule-template" to="/role-templates/$templateId" params={{ templateId: ref.id }}>
                  {template ?? ref.key ?? 'Open it'}
                </TextLink>
              )}
              {ref.version === null ? ', as it is then' : `, version ${ref.version}`}
            </dd>
          </div>
        )}
        {recurrence !== null && (
          <div>
            <dt>Repeats</dt>
            <dd id="schedule-repeats">
              {humanize(ruleInWords(recurrence.rule, schedule.local.slice(11, 16)) ?? 'By its own rule')}
              <span className={`mono ${classes.ruleText}`}>{recurrence.rule}</span>
            </dd>
          </div>
        )}
        {typeof startDate === 'string' && (
          <div>
            <dt>Start date</dt>
            <dd>{startDate}</dd>
          </div>
        )}
        <div>
          <dt>An account that exists already</dt>
          <dd>{EXISTING[schedule.existing_account] ?? schedule.existing_account}</dd>
        </div>
        {schedule.tags.length > 0 && (
          <div>
            <dt>Tags</dt>
            <dd>{schedule.tags.join(', ')}</dd>
          </div>
        )}
        {schedule.priority > 0 && (
          <div>
            <dt>Priority</dt>
            <dd>{schedule.priority.toLocaleString('en')}, before those with less</dd>
          </div>
        )}
        <div>
          <dt>Scheduled by</dt>
          <dd>
            {schedule.tag_rule_id === null ? (
              schedule.created_by.name
            ) : (
              <TextLink id="schedule-rule" to="/tag-rules/$ruleId" params={{ ruleId: schedule.tag_rule_id }}>
                {schedule.created_by.name}
              </TextLink>
            )}
            , <RelativeTime at={schedule.created_at} />
          </dd>
        </div>
      </dl>
    </Paper>
  )
}

function Apps({ schedule }: { schedule: ScheduleDetail }) {
  if (schedule.apps.length === 0) return <>{schedule.role_template === null ? 'None' : 'Those of the role template'}</>
  return (
    <ul className={classes.appList}>
      {schedule.apps.map(({ app, title }) => (
        <li key={app}>
          <AppGlyph app={app} size={18} /> {title}
        </li>
      ))}
    </ul>
  )
}
