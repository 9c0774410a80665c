import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'
import { Icon } from './icons'

interface SearchFieldProps {
  id: string
  label: string
  placeholder: string
  value: string
  onChange: (text: string) => void
  className?: string
}

/** A filter by text: tells its text a moment after the last key, and follows a change that came from elsewhere. */
export function SearchField({ id, label, placeholder, value, onChange, className }: SearchFieldProps) {
  const [text, setText] = useState(value)
  const [told, setTold] = useState(value)
  const [seen, setSeen] = useState(value)
  const tell = useDebouncedCallback((next: string) => {
    setTold(next)
    onChange(next)
  }, 250)
  if (value !== seen) {
    setSeen(value)
    if (value !== told) setText(value)
  }
  return (
    <TextInput
      id={id}
      label={label}
      placeholder={placeholder}
      leftSection={<Icon name="search" size={16} />}
      className={className}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        tell(event.currentTarget.value)
      }}
    />
  )
}
