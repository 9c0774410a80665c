import { describe, expect, it } from 'vitest'
import { answers } from '@/test/answers'
import { address, client } from './client'
import { ApiError, messageOf, Unreachable } from './errors'

async function refusal(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => null,
    (error: unknown) => error,
  )
}

describe('the client', () => {
  it('proves with a header that the call came from this app, and sends JSON', async () => {
    const heard = answers({ 'POST /api/requests': { status: 201, body: { id: 'r1' } } })
    await client.post('/api/requests', { body: { kind: 'onboard' }, idempotencyKey: 'k1' })
    expect(heard[0]?.headers.get('X-OC-CSRF')).toBe('1')
    expect(heard[0]?.headers.get('Content-Type')).toBe('application/json')
    expect(heard[0]?.headers.get('Idempotency-Key')).toBe('k1')
    expect(heard[0]?.body).toEqual({ kind: 'onboard' })
  })

  it('leaves what is not set out of the address', () => {
    expect(address('/api/requests', { q: 'a b', state: '', app: undefined, offset: 0 })).toBe('/api/requests?q=a+b&offset=0')
  })

  it('turns problem details into an error that names each field once', async () => {
    answers({
      'POST /api/requests': {
        status: 422,
        body: {
          title: 'Unprocessable',
          code: 'invalid_input',
          detail: 'Two fields.',
          correlation_id: 'c-1',
          errors: [
            { field: 'employee.work_email', message: 'Wrong domain.', code: 'domain' },
            { field: 'employee.work_email', message: 'Said later.', code: 'x' },
            { field: 'apps.microsoft-365.usage_location', message: 'Needed.', code: 'missing' },
          ],
        },
      },
    })
    const error = await refusal(client.post('/api/requests', { body: {} }))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 422, code: 'invalid_input', correlationId: 'c-1', message: 'Two fields.' })
    expect((error as ApiError).byField()).toEqual({
      'employee.work_email': 'Wrong domain.',
      'apps.microsoft-365.usage_location': 'Needed.',
    })
  })

  it('keeps the new plan that a refused apply brings', async () => {
    answers({ 'POST /api/requests/r1/apply': { status: 409, body: { code: 'plan_stale', plan: { id: 'p2' } } } })
    const error = await refusal(client.post('/api/requests/r1/apply'))
    expect(error).toMatchObject({ code: 'plan_stale', plan: { id: 'p2' } })
  })

  it('says something useful where the answer is no problem document', async () => {
    answers({ 'GET /api/me': { status: 502, body: 'gateway' } })
    expect(messageOf(await refusal(client.get('/api/me')))).toBe('OneClick cannot reach one of its services')
  })

  it('tells a lost connection apart from a refusal', async () => {
    answers({ 'GET /api/me': new TypeError('failed to fetch') })
    expect(await refusal(client.get('/api/me'))).toBeInstanceOf(Unreachable)
  })
})
