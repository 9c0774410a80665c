import { Link } from '@tanstack/react-router'
import type { RoleTemplateRead } from '@/api/types'
import { AppGlyph } from '@/ui/app-glyph'
import { DataTable, type Column } from '@/ui/data-table'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import { conditionWords } from './draft'
import classes from './role-templates.module.css'

interface TemplatesTableProps {
  templates: readonly RoleTemplateRead[] | undefined
  titleOf: (app: string) => string
  onOpen: (template: RoleTemplateRead) => void
}

/** The list of role templates: what each gives, for whom it is suggested, who changed it last. */
export function TemplatesTable({ templates, titleOf, onOpen }: TemplatesTableProps) {
  const columns: Column<RoleTemplateRead>[] = [
    {
      key: 'name',
      header: 'Role template',
      cell: (template) => (
        <div className={classes.named}>
          <Link id={`role-template-${template.key}`} to="/role-templates/$templateId" params={{ templateId: template.id }} className={classes.link} data-row-link>
            <Truncate text={template.name} />
          </Link>
          {template.description !== '' && <Truncate text={template.description} className={classes.muted} />}
        </div>
      ),
    },
    { key: 'apps', header: 'Apps', width: '22%', cell: (template) => <Apps apps={Object.keys(template.apps)} titleOf={titleOf} /> },
    {
      key: 'for',
      header: 'Suggested for',
      width: '26%',
      minor: true,
      cell: (template) => <Truncate text={conditionWords(template.conditions) || '–'} />,
    },
    { key: 'changed', header: 'Changed', width: '160px', end: true, cell: (template) => <Changed template={template} /> },
  ]
  return <DataTable id="role-templates-table" label="Role templates" columns={columns} rows={templates} rowKey={(one) => one.id} onOpen={onOpen} />
}

function Apps({ apps, titleOf }: { apps: readonly string[]; titleOf: (app: string) => string }) {
  return (
    <ul className={classes.glyphs}>
      {apps.map((app) => (
        <li key={app} title={titleOf(app)}>
          <AppGlyph app={app} size={22} />
          <span className="visually-hidden">{titleOf(app)}</span>
        </li>
      ))}
    </ul>
  )
}

function Changed({ template }: { template: RoleTemplateRead }) {
  return (
    <span className={classes.changed}>
      {template.changed_at === null ? 'As shipped' : <RelativeTime at={template.changed_at} />}
      <span className={classes.muted}>Version {template.version}</span>
    </span>
  )
}
