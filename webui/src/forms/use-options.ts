import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query'
import { createContext, useContext } from 'react'
import { client } from '@/api/client'
import type { OptionPage, OptionRead } from '@/api/types'
import { count } from '@/lib/format'

/** The app whose form is being shown, and words for values that no list has shown yet. */
export const FormApp = createContext<{ app: string; labels: Readonly<Record<string, string>> }>({ app: '', labels: {} })

/** Live choices from the vendor, narrowed by what is being typed. */
export function useOptions(name: string, search: string) {
  const { app } = useContext(FormApp)
  const [text] = useDebouncedValue(search.trim(), 250)
  return useQuery({ ...optionsQuery(app, name, text), placeholderData: keepPreviousData })
}

/** The choices of one list as the vendor has them now. */
export function optionsQuery(app: string, name: string, text: string) {
  return queryOptions({
    queryKey: ['options', app, name, text],
    queryFn: ({ signal }) =>
      client.get<OptionPage>(`/api/apps/${encodeURIComponent(app)}/options/${encodeURIComponent(name)}`, {
        query: { q: text },
        signal,
      }),
    staleTime: 30_000,
  })
}

/** “12 of 50 free”, “no seat free”, or nothing where the vendor does not count seats. */
export function seatsOf(option: OptionRead): string | null {
  const { free, total } = option
  if (free === null || free === undefined) return null
  if (free <= 0) return total == null ? 'no seat free' : `0 of ${count(total, 'seat')} free`
  return total == null ? `${free.toLocaleString('en')} free` : `${free.toLocaleString('en')} of ${total.toLocaleString('en')} free`
}

/** An option in one line: “Business Premium · 12 of 50 free”. */
export function describe(option: OptionRead): string {
  return [option.label, seatsOf(option)].filter(Boolean).join(' · ')
}
