import type { ApiKeyCreate, ApiKeyPage, ApiKeyRead } from '../src/api/types.ts'
import { ok, problem, type Reply } from './answer.ts'
import { ago, newId } from './make.ts'

export type MockKey = ApiKeyRead

const SCOPES: ApiKeyPage['scopes'] = ['apps:read', 'audit:read', 'connections:read', 'employees:read', 'employees:write', 'requests:read', 'requests:write', 'role_templates:read', 'role_templates:write', 'schedule:read', 'schedule:write', 'settings:write']

function made(name: string, scopes: string[], extra: Partial<ApiKeyRead> = {}): ApiKeyRead {
  const id = newId()
  return {
    id, name, scopes, begins_with: `oc_${id.replaceAll('-', '')}_`, calls_per_minute: 600, state: 'active', created_at: ago(86_400 * 20), created_by: { id: 'o1', name: 'Ada Admin' },
    expires_at: ago(-86_400 * 70), last_used_at: ago(180), revoked_at: null, revoked_by: null, ...extra,
  }
}

/** Keys in every state, one with a long name and every scope. */
export function seedKeys(): MockKey[] {
  return [
    made('HR system', ['employees:write', 'requests:write', 'schedule:write']),
    made('Personalabrechnungsschnittstelle Konzernverbund Süd-West (Vertragsverlängerungen)', SCOPES, { expires_at: null, last_used_at: null }),
    made('Dashboard', ['requests:read'], { state: 'expired', expires_at: ago(86_400), last_used_at: ago(90_000) }),
    made('Trial', ['requests:read', 'employees:read'], { state: 'revoked', revoked_at: ago(7_000), revoked_by: 'Ada Admin' }),
  ]
}

/** What `/api/api-keys` would answer. */
export function onApiKeys(keys: MockKey[], method: string, id: string | undefined, raw: Record<string, unknown>): Reply {
  if (method === 'GET') return ok({ items: keys, total: keys.length, limit: 50, offset: 0, scopes: SCOPES })
  if (id === undefined) {
    const body = raw as unknown as ApiKeyCreate
    if (keys.some((key) => key.name === body.name && key.state === 'active')) {
      const message = 'A living key has this name. Choose another.'
      return problem(422, 'invalid_input', message, [{ field: 'name', message, code: 'taken' }])
    }
    const key = made(body.name, [...body.scopes], { created_at: ago(0), last_used_at: null, expires_at: body.expires_at ?? null })
    keys.unshift(key)
    return ok({ key: `${key.begins_with}kx7Qm2pVfY0sT9dLr4WbZ1nHc8JgUa6E3oIiPlKjHg`, api_key: key }, 201)
  }
  const found = keys.find((key) => key.id === id)
  if (!found) return problem(404, 'api_key_not_found', 'There is no such key.')
  Object.assign(found, { state: 'revoked', revoked_at: ago(0), revoked_by: 'Ada Admin' })
  return ok(found)
}
