/** A changed filter starts at the first page again; an empty one leaves the address. */
export function withFilter<Filters extends { offset?: number }>(filters: Filters, change: Partial<Filters>): Filters {
  const next = { ...filters, offset: undefined, ...change } as Filters
  for (const name of Object.keys(next) as (keyof Filters)[]) {
    if (next[name] === '' || next[name] === undefined) Reflect.deleteProperty(next, name)
  }
  return next
}

/** The same filters on another page of the list. */
export function atOffset<Filters extends { offset?: number }>(filters: Filters, offset: number): Filters {
  return { ...withFilter(filters, {}), ...(offset === 0 ? {} : { offset }) }
}

/** Whether any of these narrows the list. */
export function anySet(...values: (string | undefined)[]): boolean {
  return values.some((value) => value !== undefined && value !== '')
}
