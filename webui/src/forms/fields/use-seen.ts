import type { ComboboxStore } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { OptionRead } from '@/api/types'

/** Remembers every option that was ever listed, so that a chosen one keeps its words while the list is narrowed. */
export function useSeen(items: readonly OptionRead[]): (value: string) => OptionRead | undefined {
  const seen = useRef(new Map<string, OptionRead>())
  return (value) => {
    for (const item of items) seen.current.set(item.value, item)
    return seen.current.get(value)
  }
}

/** Narrows what is at hand while the server's answer to the new text is on its way. */
export function narrow(items: readonly OptionRead[], search: string): readonly OptionRead[] {
  const text = search.trim().toLowerCase()
  if (text === '') return items
  return items.filter((item) => [item.label, item.value, item.detail].some((part) => part?.toLowerCase().includes(text)))
}

/** Keeps the first match at hand for Enter while one types, also when the list arrives after the key. */
export function useFirstMatch(combobox: ComboboxStore, search: string, items: readonly OptionRead[]): void {
  const first = items[0]?.value
  const { dropdownOpened, selectFirstOption } = combobox
  useEffect(() => {
    if (dropdownOpened && search !== '' && first !== undefined) selectFirstOption()
  }, [dropdownOpened, search, first, selectFirstOption])
}
