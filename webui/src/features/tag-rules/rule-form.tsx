import { Group, NativeSelect, NumberInput, Paper, Stack, Switch, TextInput } from '@mantine/core'
import { ZoneField } from '@/ui/zone-field'
import type { RuleDraft } from './draft'
import classes from './tag-rules.module.css'

interface RuleFormProps {
  draft: RuleDraft
  onChange: (change: Partial<RuleDraft>) => void
  /** Messages by the server's fields. */
  errors: Readonly<Record<string, string>>
  templates: readonly { id: string; name: string }[]
  /** The tenant's zone. */
  zone: string
  readOnly: boolean
}

const SIDES = [
  { value: 'before', label: 'days before the start date' },
  { value: 'on', label: 'on the start date' },
  { value: 'after', label: 'days after the start date' },
]

/** Which tag, what it gives, and when. */
export function RuleForm({ draft, onChange, errors, templates, zone, readOnly }: RuleFormProps) {
  const gone = draft.role_template_id !== null && !templates.some((one) => one.id === draft.role_template_id)
  return (
    <Paper p="lg">
      <fieldset className={classes.fields} disabled={readOnly} aria-label="Tag rule">
        <Stack gap="md">
          <TextInput
            id="tag-rule-tag"
            label="Tag"
            withAsterisk
            aria-required
            maxLength={64}
            placeholder="to be created"
            description="Capitals and hyphens do not matter: to-be-created is the same tag."
            autoComplete="off"
            value={draft.tag}
            error={errors.tag}
            onChange={(event) => {
              onChange({ tag: event.currentTarget.value })
            }}
          />
          <NativeSelect
            id="tag-rule-template"
            label="Role template"
            description="What they get. The one that is suggested goes by job title, department and location."
            value={draft.role_template_id ?? ''}
            error={errors.role_template_id ?? (gone ? 'This role template was deleted. Choose another.' : undefined)}
            data={[
              { value: '', label: 'Whichever is suggested for the person' },
              ...(gone ? [{ value: draft.role_template_id ?? '', label: 'One that was deleted' }] : []),
              ...templates.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={(event) => {
              onChange({ role_template_id: event.currentTarget.value === '' ? null : event.currentTarget.value })
            }}
          />
          <Group align="flex-start" gap="xs" className={classes.offset} data-on={draft.side === 'on' || undefined}>
            {draft.side !== 'on' && (
              <NumberInput
                id="tag-rule-days"
                label="When"
                hideControls
                allowDecimal={false}
                allowNegative={false}
                value={draft.days ?? ''}
                error={errors.offset_days}
                onChange={(days) => {
                  onChange({ days: typeof days === 'number' ? days : null })
                }}
              />
            )}
            <NativeSelect
              id="tag-rule-side"
              label={draft.side === 'on' ? 'When' : <span className="visually-hidden">Side of the start date</span>}
              value={draft.side}
              data={SIDES}
              onChange={(event) => {
                onChange({ side: event.currentTarget.value as RuleDraft['side'] })
              }}
            />
            <TextInput
              id="tag-rule-time"
              label="At"
              type="time"
              value={draft.time}
              error={errors.time_of_day}
              onChange={(event) => {
                onChange({ time: event.currentTarget.value.slice(0, 5) })
              }}
            />
          </Group>
          <ZoneField
            id="tag-rule-zone"
            value={draft.zone}
            none={`The tenant’s: ${zone}`}
            error={errors.time_zone}
            onChange={(chosen) => {
              onChange({ zone: chosen })
            }}
          />
          <NumberInput
            id="tag-rule-priority"
            label="Priority"
            description="Of two that are due together, the one with more runs first."
            allowDecimal={false}
            allowNegative={false}
            value={draft.priority ?? ''}
            error={errors.priority}
            onChange={(priority) => {
              onChange({ priority: typeof priority === 'number' ? priority : null })
            }}
          />
          <Switch
            id="tag-rule-enabled"
            label="The rule is on"
            checked={draft.enabled}
            onChange={(event) => {
              onChange({ enabled: event.currentTarget.checked })
            }}
          />
        </Stack>
      </fieldset>
    </Paper>
  )
}
