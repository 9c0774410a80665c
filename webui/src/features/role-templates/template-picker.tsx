import { Button, Combobox, InputBase, useCombobox } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import type { RoleTemplateRead, SuggestionRead } from '@/api/types'
import { humanize, joinWords } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { roleTemplatesQuery, suggestionsQuery, type Subject } from './api'
import classes from './role-templates.module.css'

interface TemplatePickerProps {
  /** Whom it is for: decides what is suggested. */
  subject: Subject
  picked: { id: string; name: string } | null
  onPick: (template: RoleTemplateRead | null) => void
  /** What the picked one did, in words. */
  outcome?: ReactNode
  error?: string
}

const ID = 'role-template'

/** Chooses a role template: those that fit the person come first, and say why. */
export function TemplatePicker({ subject, picked, onPick, outcome, error }: TemplatePickerProps) {
  const [search, setSearch] = useState<string | null>(null)
  const [settled] = useDebouncedValue(subject, 400)
  const all = useQuery(roleTemplatesQuery)
  const suggested = useQuery(suggestionsQuery(settled)).data ?? []
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      setSearch(null)
    },
  })
  const wanted = (search ?? '').trim().toLowerCase()
  const fits = (template: RoleTemplateRead) => `${template.name} ${template.description}`.toLowerCase().includes(wanted)
  const first = suggested.filter(({ template }) => fits(template))
  const rest = (all.data ?? []).filter((template) => fits(template) && !first.some((one) => one.template.id === template.id))

  function choose(id: string) {
    const found = [...suggested.map((one) => one.template), ...(all.data ?? [])].find((template) => template.id === id)
    if (found) onPick(found)
    combobox.closeDropdown()
  }

  return (
    <>
      <Combobox store={combobox} withinPortal={false} onOptionSubmit={choose}>
        <Combobox.Target withExpandedAttribute>
          <InputBase
            id={ID}
            label="Role template"
            description="Switches on apps and fills in their fields. Everything can be changed afterwards."
            error={error}
            placeholder="None. Search to choose"
            autoComplete="off"
            role="combobox"
            value={search ?? picked?.name ?? ''}
            rightSectionPointerEvents={picked === null ? 'none' : 'all'}
            rightSection={
              picked === null ? (
                <Icon name="chevronDown" size={16} />
              ) : (
                <button
                  type="button"
                  id={`${ID}-clear`}
                  className={classes.clear}
                  aria-label={`Do without ${picked.name}`}
                  onClick={() => {
                    onPick(null)
                  }}
                >
                  <Icon name="cross" size={14} />
                </button>
              )
            }
            onClick={() => {
              combobox.openDropdown()
            }}
            onFocus={(event) => {
              event.currentTarget.select()
            }}
            onBlur={() => {
              combobox.closeDropdown()
            }}
            onChange={(event) => {
              setSearch(event.currentTarget.value)
              combobox.openDropdown()
            }}
          />
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Options id={`${ID}-list`} mah={320} className={classes.options} aria-label="Role templates">
            {all.isPending && <Combobox.Empty>Loading</Combobox.Empty>}
            {all.isError && <Combobox.Empty>The role templates could not be fetched.</Combobox.Empty>}
            {all.data && first.length + rest.length === 0 && <Combobox.Empty>Nothing matches.</Combobox.Empty>}
            {first.length > 0 && <Combobox.Group label="Suggested">{first.map(({ template, met }) => option(template, picked, why(met)))}</Combobox.Group>}
            {rest.length > 0 && (
              <Combobox.Group label={first.length > 0 ? 'All others' : 'All'}>{rest.map((template) => option(template, picked, null))}</Combobox.Group>
            )}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {picked === null && suggested.length > 0 && <Suggestions suggested={suggested} onPick={onPick} />}
      {picked !== null && outcome !== undefined && (
        <div className={classes.picked} id={`${ID}-outcome`} role="status">
          {outcome}
        </div>
      )}
    </>
  )
}

function option(template: RoleTemplateRead, picked: TemplatePickerProps['picked'], reason: string | null) {
  return (
    <Combobox.Option key={template.id} id={`${ID}-option-${template.key}`} value={template.id} active={template.id === picked?.id} className={classes.option}>
      <span className={classes.optionWords}>
        <span>{template.name}</span>
        {template.description !== '' && <span className={classes.muted}>{template.description}</span>}
      </span>
      {reason !== null && <span className={classes.optionWhy}>{reason}</span>}
    </Combobox.Option>
  )
}

function why(met: readonly string[]): string {
  return `fits ${joinWords(met.map((name) => humanize(name).toLowerCase()))}`
}

/** One press for what fits the person best. */
function Suggestions({ suggested, onPick }: { suggested: readonly SuggestionRead[]; onPick: TemplatePickerProps['onPick'] }) {
  return (
    <div className={classes.suggestions} id={`${ID}-suggestions`} role="status">
      <span>Suggested for this person</span>
      {suggested.slice(0, 3).map(({ template, met }) => (
        <Button
          key={template.id}
          id={`${ID}-suggestion-${template.key}`}
          variant="default"
          size="xs"
          title={why(met)}
          leftSection={<Icon name="layers" size={14} />}
          onClick={() => {
            onPick(template)
          }}
        >
          {template.name}
        </Button>
      ))}
    </div>
  )
}
