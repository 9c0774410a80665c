import type { GroupRolesRead, OperatorRead } from '../src/api/types.ts'
import { ok, problem, type Reply } from './answer.ts'
import { ago, newId } from './make.ts'
import { ME } from './waiting.ts'

export interface MockOperators {
  people: OperatorRead[]
  groups: GroupRolesRead
}

function made(name: string, email: string, role: OperatorRead['role'], source: OperatorRead['grants'][number]['source'], extra: Partial<OperatorRead> = {}): OperatorRead {
  return { id: newId(), name, email, role, state: 'active', grants: [{ source, role }], last_sign_in_at: ago(4_000), is_me: false, ...extra }
}

/** Operators in every state, said by the file, by a group and by hand. */
export function seedOperators(): MockOperators {
  return {
    people: [
      made(ME.name, 'admin@acme.example', 'admin', 'list', { id: ME.id, is_me: true }),
      made('Hal Helpdesk', 'helpdesk@acme.example', 'helpdesk', 'group'),
      made('new.person@acme.example', 'new.person@acme.example', 'auditor', 'operator', { state: 'invited', last_sign_in_at: null }),
      made('Otto Offline', 'otto@acme.example', 'helpdesk', 'operator', { state: 'disabled', last_sign_in_at: ago(86_400 * 90) }),
      made('Wolfeschlegelsteinhausenbergerdorff von Hohenzollern-Sigmaringen', 'wolfeschlegelsteinhausenbergerdorff.hohenzollern-sigmaringen.extern@research.acme.example', 'auditor', 'group'),
    ],
    groups: { items: [{ group: 'oneclick-admins', role: 'admin' }, { group: 'oneclick-helpdesk', role: 'helpdesk' }], set_here: false },
  }
}

/** What `/api/operators` would answer. */
export function onOperators(mock: MockOperators, method: string, id: string | undefined, q: string, body: Record<string, unknown>): Reply {
  if (id === 'group-roles') {
    if (method === 'PUT') mock.groups = { items: body.items as GroupRolesRead['items'], set_here: true }
    return ok(mock.groups)
  }
  if (id === undefined && method === 'GET') {
    const items = mock.people.filter((one) => `${one.name} ${one.email}`.toLowerCase().includes(q))
    return ok({ items, total: items.length, limit: 50, offset: 0 })
  }
  if (id === undefined) {
    const email = String(body.email)
    if (mock.people.some((one) => one.email === email)) {
      const message = 'This address is an operator’s already.'
      return problem(422, 'invalid_input', message, [{ field: 'email', message, code: 'already_there' }])
    }
    const one = made(String(body.name) || email, email, body.role as OperatorRead['role'], 'operator', { state: 'invited', last_sign_in_at: null })
    mock.people.push(one)
    return ok(one, 201)
  }
  const found = mock.people.find((one) => one.id === id)
  if (!found) return problem(404, 'operator_not_found', 'There is no such operator.')
  if (method === 'DELETE') {
    if (found.grants.some(({ source }) => source !== 'operator')) return problem(409, 'listed_elsewhere', `A group makes ${found.name} an operator. Disable them here, or take them out there.`)
    mock.people.splice(mock.people.indexOf(found), 1)
    return { status: 204 }
  }
  if (body.role !== undefined) found.role = body.role as OperatorRead['role']
  if (body.disabled !== undefined) found.state = body.disabled === true ? 'disabled' : found.last_sign_in_at === null ? 'invited' : 'active'
  return ok(found)
}
