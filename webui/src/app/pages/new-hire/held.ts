import type { QueryClient } from '@tanstack/react-query'
import type { AppRead, EmployeeRead, OptionRead } from '@/api/types'
import { readFields } from '@/forms/schema'
import { optionsQuery } from '@/forms/use-options'
import { heldBy, type Held } from './held-by'

/**
 * What somebody holds, under the values that the forms' lists use. A vendor may know a thing by an id and offer it by its
 * address: then the one choice of the same name stands for it. A list that cannot be had now changes nothing.
 */
export async function findHeld(queries: QueryClient, person: EmployeeRead, apps: readonly AppRead[]): Promise<Held> {
  const lists = new Map<string, readonly OptionRead[]>()
  const wanted = apps
    .filter((app) => person.accounts.some((account) => account.app === app.key && account.grants.length > 0))
    .flatMap((app) => readFields(app.form).flatMap(({ optionsName }) => (optionsName === undefined ? [] : [{ app: app.key, name: optionsName }])))
  await Promise.all(
    wanted.map(async ({ app, name }) => {
      const page = await queries.fetchQuery(optionsQuery(app, name, '')).catch(() => null)
      if (page) lists.set(`${app} ${name}`, page.items)
    }),
  )
  return heldBy(person, apps, ({ app, name }, grant) => {
    const items = lists.get(`${app} ${name}`)
    if (items === undefined || items.some((item) => item.value === grant.key)) return grant.key
    const named = items.filter((item) => item.label === grant.label)
    return named.length === 1 && named[0] ? named[0].value : null
  })
}
