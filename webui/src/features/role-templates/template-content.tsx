import { Paper, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { AppRead, RoleTemplateVersionRead } from '@/api/types'
import { readFields, type FieldSpec } from '@/forms/schema'
import { optionsQuery } from '@/forms/use-options'
import { keysOf } from '@/forms/values'
import { formatValue, humanize } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { CONDITIONS } from './draft'
import classes from './role-templates.module.css'

/** One version of a role template, to be read. */
export function TemplateContent({ version, apps }: { version: RoleTemplateVersionRead; apps: readonly AppRead[] }) {
  const facts: [string, string][] = [
    ...(version.description === '' ? [] : [['Description', version.description] as [string, string]]),
    ...(version.tags.length === 0 ? [] : [['Tags', version.tags.join(', ')] as [string, string]]),
    ...CONDITIONS.filter(({ name }) => version.conditions[name].length > 0).map(
      ({ name, label }): [string, string] => [`Suggested for ${label.toLowerCase()}`, version.conditions[name].join(' or ')],
    ),
  ]
  return (
    <Stack gap="md">
      {facts.length > 0 && (
        <dl className={classes.facts}>
          {facts.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {Object.entries(version.apps).map(([key, fields]) => (
        <AppFacts key={key} app={apps.find((one) => one.key === key)} appKey={key} fields={fields} />
      ))}
    </Stack>
  )
}

function AppFacts({ app, appKey, fields }: { app: AppRead | undefined; appKey: string; fields: Record<string, unknown> }) {
  const specs = app ? readFields(app.form) : []
  const filled = Object.entries(fields)
  return (
    <Paper p="md">
      <div className={classes.appFacts}>
        <AppGlyph app={appKey} size={22} />
        <span className={classes.appTitle}>{app?.title ?? humanize(appKey)}</span>
        {filled.length === 0 && <span className={classes.muted}>Switched on, nothing filled in</span>}
      </div>
      {filled.length > 0 && (
        <dl className={classes.facts}>
          {filled.map(([name, value]) => {
            const spec = specs.find((field) => field.name === name)
            return (
              <div key={name}>
                <dt>{spec?.title ?? humanize(name)}</dt>
                <dd>{spec?.optionsName !== undefined ? <Chosen app={appKey} field={spec} value={value} /> : formatValue(value)}</dd>
              </div>
            )
          })}
        </dl>
      )}
    </Paper>
  )
}

/** Live choices in the vendor's words, where its list has them. */
function Chosen({ app, field, value }: { app: string; field: FieldSpec; value: unknown }) {
  const { data } = useQuery(optionsQuery(app, field.optionsName ?? field.name, ''))
  const keys = Array.isArray(value) ? keysOf(value) : [formatValue(value)]
  const words = keys.map((key) => data?.items.find((item) => item.value === key)?.label ?? key)
  return <>{formatValue(words)}</>
}
