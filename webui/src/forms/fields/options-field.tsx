import { Combobox, PillsInput, useCombobox } from '@mantine/core'
import { useContext, useState } from 'react'
import { slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { Truncate } from '@/ui/truncate'
import { describe, FormApp, useOptions } from '../use-options'
import { keysOf, without } from '../values'
import { OptionsList } from './options-list'
import classes from './options.module.css'
import { OptionParts } from './option-parts'
import type { FieldProps } from './types'
import { narrow, useFirstMatch, useSeen } from './use-seen'

/** Several live choices: each chosen one is a pill with its free seats; Backspace takes the last one away. */
export function OptionsField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  const [search, setSearch] = useState('')
  const query = useOptions(field.optionsName ?? field.name, search)
  const items = query.data?.items ?? []
  const seen = useSeen(items)
  const chosen = keysOf(value)
  const { labels } = useContext(FormApp)
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
    },
  })

  const shownItems = narrow(items, search)
  useFirstMatch(combobox, search, shownItems)

  function drop(key: string) {
    onChange(without(value, key))
  }

  function flip(key: string) {
    setSearch('')
    if (chosen.includes(key)) drop(key)
    else onChange([...(Array.isArray(value) ? (value as unknown[]) : []), key])
  }

  return (
    <Combobox store={combobox} withinPortal={false} onOptionSubmit={flip}>
      <Combobox.DropdownTarget>
        <PillsInput
          id={id}
          label={label}
          description={field.help}
          error={error}
          withAsterisk={field.required}
          rightSection={<Icon name="chevronDown" size={16} />}
          rightSectionPointerEvents="none"
          onClick={() => {
            combobox.openDropdown()
          }}
        >
          {chosen.map((key) => {
            const option = seen(key)
            const words = option ? describe(option) : (labels[key] ?? key)
            return (
              <span key={key} className={classes.pill}>
                <Truncate text={words} className={classes.pillText} />
                <button
                  type="button"
                  id={`${id}-remove-${slug(key)}`}
                  className={classes.remove}
                  aria-label={`Remove ${option?.label ?? labels[key] ?? key}`}
                  onClick={(event) => {
                    event.stopPropagation()
                    drop(key)
                  }}
                >
                  <Icon name="cross" size={12} />
                </button>
              </span>
            )
          })}
          <Combobox.EventsTarget withExpandedAttribute>
            <PillsInput.Field
              value={search}
              placeholder={chosen.length === 0 ? 'Search and choose' : undefined}
              autoComplete="off"
              role="combobox"
              aria-invalid={error !== undefined || undefined}
              onFocus={() => {
                combobox.openDropdown()
              }}
              onBlur={() => {
                combobox.closeDropdown()
                setSearch('')
                onBlur()
              }}
              onChange={(event) => {
                setSearch(event.currentTarget.value)
                combobox.openDropdown()
              }}
              onKeyDown={(event) => {
                const last = chosen.at(-1)
                if (event.key === 'Backspace' && search === '' && last !== undefined) drop(last)
              }}
            />
          </Combobox.EventsTarget>
        </PillsInput>
      </Combobox.DropdownTarget>
      <OptionsList
        id={id}
        label={field.title}
        items={shownItems}
        chosen={chosen}
        state={query.isPending ? 'loading' : query.isError ? 'failed' : 'ready'}
        stale={query.data?.stale ?? false}
        reason={query.data?.error?.message}
      />
      <OptionParts id={id} field={field} value={value} seen={seen} onChange={onChange} />
    </Combobox>
  )
}
