import type { IncomingMessage, ServerResponse } from 'node:http'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connect, Plugin } from 'vite'
import { answer, type Mock } from './answer.ts'
import { seed } from './seed.ts'
import { subscribe } from './simulate.ts'

/** The policy the bff sends; the mock sends it too, so that a breach shows while developing. */
export function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ')
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : JSON.parse(text)
}

function stream(mock: Mock, id: string, response: ServerResponse) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
  response.write('retry: 3000\n\n')
  const stop = subscribe(mock, id, (event, cursor) => {
    response.write(`id: ${cursor}\nevent: ${event}\ndata: ${JSON.stringify({ request_id: id })}\n\n`)
  })
  response.on('close', stop)
}

function handler(mock: Mock): Connect.NextHandleFunction {
  return (request, response, next) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (!/^\/(api|bff|auth)\//.test(url.pathname)) {
      next()
      return
    }
    if (url.pathname === '/api/ms365/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      response.write('retry: 3000\n\n')
      return
    }
    const events = /^\/api\/requests\/([^/]+)\/events$/.exec(url.pathname)
    if (events?.[1]) {
      stream(mock, events[1], response)
      return
    }
    void bodyOf(request).then(async (body) => {
      const reply = await answer(mock, request.method ?? 'GET', url, body)
      const problem = reply.status >= 400
      response.writeHead(reply.status, {
        'Content-Type': problem ? 'application/problem+json' : 'application/json',
        ...(reply.location === undefined ? {} : { Location: reply.location }),
      })
      response.end(reply.body === undefined ? '' : JSON.stringify(reply.body))
    })
  }
}

/** A backend in memory for looking at pages without the services: in development, and in a preview under the real policy. */
export function mockBackend(): Plugin {
  const mock = seed()
  return {
    name: 'oneclick-mock-backend',
    configureServer(server) {
      server.middlewares.use(handler(mock))
    },
    configurePreviewServer(server) {
      server.middlewares.use(handler(mock))
      server.middlewares.use((request, response, next) => {
        const path = (request.url ?? '/').split('?')[0] ?? '/'
        if (path.includes('.')) {
          next()
          return
        }
        const nonce = randomBytes(16).toString('base64url')
        const html = readFileSync(join(server.config.root, server.config.build.outDir, 'index.html'), 'utf8')
        response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': policy(nonce) })
        response.end(html.replaceAll('__CSP_NONCE__', nonce))
      })
    },
  }
}
