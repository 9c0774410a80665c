import { Combobox, InputBase, useCombobox } from '@mantine/core'
import { useContext, useState } from 'react'
import { Icon } from '@/ui/icons'
import { describe, FormApp, useOptions } from '../use-options'
import { OptionsList } from './options-list'
import classes from './options.module.css'
import type { FieldProps } from './types'
import { narrow, useFirstMatch, useSeen } from './use-seen'

/** One live choice, searchable by typing. */
export function OptionField({ id, field, label, value, error, onChange, onBlur }: FieldProps) {
  const [search, setSearch] = useState<string | null>(null)
  const query = useOptions(field.optionsName ?? field.name, search ?? '')
  const items = query.data?.items ?? []
  const seen = useSeen(items)
  const chosen = typeof value === 'string' ? value : ''
  const known = seen(chosen)
  const { labels } = useContext(FormApp)
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption()
      setSearch(null)
    },
    onDropdownOpen: () => {
      combobox.updateSelectedOptionIndex('active')
    },
  })
  const shownItems = narrow(items, search ?? '')
  useFirstMatch(combobox, search ?? '', shownItems)
  const clearable = chosen !== '' && !field.required && field.default == null
  const shown = chosen === '' ? '' : known ? describe(known) : (labels[chosen] ?? chosen)

  return (
    <Combobox
      store={combobox}
      withinPortal={false}
      onOptionSubmit={(next) => {
        onChange(next)
        combobox.closeDropdown()
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <InputBase
          id={id}
          label={label}
          description={field.help}
          error={error}
          withAsterisk={field.required}
          placeholder={field.required ? 'Search and choose' : 'None. Search to choose'}
          autoComplete="off"
          role="combobox"
          value={search ?? shown}
          aria-required={field.required}
          rightSectionPointerEvents={clearable ? 'all' : 'none'}
          rightSection={
            clearable ? (
              <button
                type="button"
                id={`${id}-clear`}
                className={classes.remove}
                aria-label={`Clear ${field.title}`}
                onClick={() => {
                  onChange('')
                }}
              >
                <Icon name="cross" size={14} />
              </button>
            ) : (
              <Icon name="chevronDown" size={16} />
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
            onBlur()
          }}
          onChange={(event) => {
            setSearch(event.currentTarget.value)
            combobox.openDropdown()
          }}
        />
      </Combobox.Target>
      <OptionsList
        id={id}
        label={field.title}
        items={shownItems}
        chosen={[chosen]}
        state={query.isPending ? 'loading' : query.isError ? 'failed' : 'ready'}
        stale={query.data?.stale ?? false}
        reason={query.data?.error?.message}
      />
    </Combobox>
  )
}
