import { vi } from 'vitest'

interface Heard {
  method: string
  path: string
  headers: Headers
  body: unknown
}

type Answer = { status?: number; body?: unknown } | Error

/** Stands in for the network: answers by `METHOD /path`, and notes what was asked. */
export function answers(table: Record<string, Answer | ((heard: Heard) => Answer)>): Heard[] {
  const heard: Heard[] = []
  vi.stubGlobal('fetch', (input: string, init: RequestInit = {}) => {
    const url = new URL(input, 'http://localhost')
    const call: Heard = {
      method: init.method ?? 'GET',
      path: url.pathname + url.search,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    }
    heard.push(call)
    const found = table[`${call.method} ${url.pathname}`]
    const answer = typeof found === 'function' ? found(call) : found
    if (answer instanceof Error) return Promise.reject(answer)
    if (answer === undefined) return Promise.resolve(Response.json({ code: 'not_found' }, { status: 404 }))
    return Promise.resolve(Response.json(answer.body ?? {}, { status: answer.status ?? 200 }))
  })
  return heard
}
