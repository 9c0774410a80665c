/** What the addresses of the pages may carry after the question mark: read with care, anything odd left out. */
type Search = Record<string, unknown>

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

function positive(value: unknown): number | undefined {
  const n = Number(value)
  return Number.isInteger(n) && n > 0 ? n : undefined
}

function texts<Name extends string>(search: Search, ...names: Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = text(search[name])
    if (value !== undefined) found[name] = value
  }
  return found
}

function paged(search: Search): { offset?: number } {
  const offset = positive(search.offset)
  return offset === undefined ? {} : { offset }
}

export const readSignIn = (search: Search) => texts(search, 'return_to', 'reason', 'error')

export const readNewHire = (search: Search) => texts(search, 'step', 'person')

export const readRequests = (search: Search): Partial<Record<'state' | 'app' | 'waiting_for' | 'q' | 'from' | 'to', string>> & { offset?: number } => ({
  ...texts(search, 'state', 'app', 'waiting_for', 'q', 'from', 'to'),
  ...paged(search),
})

export const readPeople = (search: Search): Partial<Record<'q' | 'status', string>> & { offset?: number } => ({
  ...texts(search, 'q', 'status'),
  ...paged(search),
})

export const readAudit = (search: Search): Partial<Record<'action' | 'actor' | 'from' | 'to', string>> & { offset?: number } => ({
  ...texts(search, 'action', 'actor', 'from', 'to'),
  ...paged(search),
})

export const readConnections = (search: Search) => texts(search, 'connected', 'failed', 'vendor')

export const readSchedule = (search: Search): Partial<Record<'day' | 'status' | 'tag' | 'from' | 'to', string>> & { offset?: number; view?: 'week' | 'month' } => ({
  ...texts(search, 'day', 'status', 'tag', 'from', 'to'),
  ...(search.view === 'week' || search.view === 'month' ? { view: search.view } : {}),
  ...paged(search),
})

export const readOperators = (search: Search): { q?: string; offset?: number } => ({ ...texts(search, 'q'), ...paged(search) })

const NOTIFICATION_VIEWS = ['events', 'dead', 'messages', 'gaps'] as const

export const readNotifications = (search: Search): Partial<Record<'state' | 'subscription' | 'change' | 'from' | 'to' | 'q' | 'open', string>> & { offset?: number; view?: (typeof NOTIFICATION_VIEWS)[number] } => {
  const view = NOTIFICATION_VIEWS.find((one) => one === search.view)
  return {
    ...(view === undefined ? {} : { view }),
    ...texts(search, 'state', 'subscription', 'change', 'from', 'to', 'q', 'open'),
    ...paged(search),
  }
}
