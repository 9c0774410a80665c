import { Select } from '@mantine/core'
import { useMemo } from 'react'
import { zoneNames } from '@/lib/zones'
import classes from './zone-field.module.css'

interface ZoneFieldProps {
  id: string
  label?: string
  description?: string
  value: string | null
  onChange: (zone: string | null) => void
  error?: string
  /** Words for no zone of its own; without them a zone is needed. */
  none?: string
}

/** A time zone by its IANA name, searchable by typing. */
export function ZoneField({ id, label = 'Time zone', description, value, onChange, error, none }: ZoneFieldProps) {
  const names = useMemo(() => {
    const known = zoneNames()
    return value !== null && !known.includes(value) ? [value, ...known] : known
  }, [value])
  return (
    <Select
      id={id}
      label={label}
      description={description}
      data={names}
      value={value}
      onChange={(zone) => {
        if (zone !== null || none !== undefined) onChange(zone)
      }}
      error={error}
      searchable
      limit={60}
      nothingFoundMessage="No such zone. Type a city such as Berlin."
      clearable={none !== undefined}
      clearButtonProps={{ 'aria-label': 'Use no zone of its own' }}
      allowDeselect={false}
      placeholder={none}
      withCheckIcon={false}
      comboboxProps={{ withinPortal: false, position: 'bottom-start' }}
      // The list itself scrolls: a combobox's list need not take the focus.
      withScrollArea={false}
      classNames={{ options: classes.options }}
      onFocus={(event) => {
        event.currentTarget.select()
      }}
    />
  )
}
