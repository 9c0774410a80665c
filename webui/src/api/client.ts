import { toApiError, Unreachable } from './errors'

type Query = Record<string, string | number | null | undefined>

interface Call {
  query?: Query
  body?: unknown
  signal?: AbortSignal
  /** The same key for the same wish: a repeated click or a lost reply makes no second request. */
  idempotencyKey?: string
}

/** Joins a path and its query, leaving out what is not set. */
export function address(path: string, query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value))
  }
  const tail = params.toString()
  return tail === '' ? path : `${path}?${tail}`
}

async function send<T>(method: string, path: string, { query, body, signal, idempotencyKey }: Call): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-OC-CSRF': '1' }
  if (method !== 'GET') headers['Content-Type'] = 'application/json'
  if (idempotencyKey !== undefined) headers['Idempotency-Key'] = idempotencyKey
  let response: Response
  try {
    response = await fetch(address(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      body: method === 'GET' ? undefined : JSON.stringify(body ?? {}),
      signal,
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Unreachable()
  }
  if (!response.ok) throw await toApiError(response)
  if (response.status === 204) return undefined as T
  return (await response.json()) as T
}

/** The one client: same-origin cookie, the header that proves the call came from this app, JSON both ways. */
export const client = {
  get: <T>(path: string, call: Omit<Call, 'body' | 'idempotencyKey'> = {}) => send<T>('GET', path, call),
  post: <T>(path: string, call: Call = {}) => send<T>('POST', path, call),
  put: <T>(path: string, call: Omit<Call, 'idempotencyKey'> = {}) => send<T>('PUT', path, call),
  patch: <T>(path: string, call: Omit<Call, 'idempotencyKey'> = {}) => send<T>('PATCH', path, call),
  delete: <T = undefined>(path: string, call: Omit<Call, 'body' | 'idempotencyKey'> = {}) => send<T>('DELETE', path, call),
}
