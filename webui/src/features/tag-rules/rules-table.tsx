import { Link } from '@tanstack/react-router'
import type { TagRuleRead } from '@/api/types'
import { humanize } from '@/lib/format'
import { DataTable, type Column } from '@/ui/data-table'
import { Icon } from '@/ui/icons'
import { Truncate } from '@/ui/truncate'
import { whenInWords } from './draft'
import classes from './tag-rules.module.css'

function Tag({ rule }: { rule: TagRuleRead }) {
  return (
    <div className={classes.named}>
      <Link id={`tag-rule-${rule.slug}`} to="/tag-rules/$ruleId" params={{ ruleId: rule.id }} className={classes.link} data-row-link>
        <Truncate text={rule.tag} />
      </Link>
      {rule.shipped && <span className={classes.muted}>Came with OneClick</span>}
    </div>
  )
}

function Template({ rule }: { rule: TagRuleRead }) {
  if (rule.role_template !== null) return <Truncate text={rule.role_template.name} />
  if (rule.role_template_id === null) return <span className={classes.muted}>Whichever is suggested</span>
  return (
    <span className={classes.wrong}>
      <Icon name="warning" size={14} /> Deleted: it queues nobody
    </span>
  )
}

function When({ rule, zone }: { rule: TagRuleRead; zone: string }) {
  return (
    <div className={classes.named}>
      <Truncate text={humanize(whenInWords(rule))} />
      <Truncate text={rule.time_zone ?? zone} className={classes.muted} />
    </div>
  )
}

/** The list of tag rules: which tag queues whom, with what, when. */
export function RulesTable({ rules, zone, onOpen }: { rules: readonly TagRuleRead[] | undefined; zone: string; onOpen: (rule: TagRuleRead) => void }) {
  const columns: Column<TagRuleRead>[] = [
    { key: 'tag', header: 'Tag', width: '24%', cell: (rule) => <Tag rule={rule} /> },
    { key: 'template', header: 'Role template', width: '24%', cell: (rule) => <Template rule={rule} /> },
    { key: 'when', header: 'Queued for', cell: (rule) => <When rule={rule} zone={zone} /> },
    { key: 'priority', header: 'Priority', width: '90px', end: true, minor: true, cell: (rule) => rule.priority.toLocaleString('en') },
    {
      key: 'enabled',
      header: 'State',
      width: '100px',
      cell: (rule) => (
        <span className={classes.state} data-on={rule.enabled || undefined}>
          <Icon name={rule.enabled ? 'done' : 'stop'} size={14} /> {rule.enabled ? 'On' : 'Off'}
        </span>
      ),
    },
  ]
  return <DataTable id="tag-rules-table" label="Tag rules" columns={columns} rows={rules} rowKey={(rule) => rule.id} onOpen={onOpen} />
}
