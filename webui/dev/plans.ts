import type { ActionRead, PlanAppRead, PlannedActionRead, SeatRead } from '../src/api/types.ts'
import { planApp, planned } from './make.ts'
import { freeOf, labelOf } from './options.ts'

type Fields = Record<string, unknown>

const list = (fields: Fields, name: string) => (Array.isArray(fields[name]) ? (fields[name] as string[]) : [])

function seat(app: string, name: string, value: string, reserved = 0): SeatRead {
  const free = freeOf(app, name, value)
  return { key: value, name: labelOf(app, name, value), free, needed: 1, reserved, left: free === null ? null : free - 1 - reserved }
}

interface Given {
  field: string
  options: string
  kind: PlannedActionRead['kind']
  verb: string
}

// What each app's lists give, in the providers' words.
const GIVEN: Given[] = [
  { field: 'licenses', options: 'license_skus', kind: 'assign_license', verb: 'Assign' },
  { field: 'license_skus', options: 'license_skus', kind: 'assign_license', verb: 'Assign' },
  { field: 'add_ons', options: 'add_ons', kind: 'assign_license', verb: 'Assign' },
  { field: 'seats', options: 'seats', kind: 'assign_license', verb: 'Assign the' },
  { field: 'access_groups', options: 'access_groups', kind: 'add_to_group', verb: 'Add to the group' },
  { field: 'groups', options: 'groups', kind: 'add_to_group', verb: 'Add to the group' },
  { field: 'teams', options: 'teams', kind: 'add_to_group', verb: 'Add to the team' },
  { field: 'channels', options: 'channels', kind: 'add_to_group', verb: 'Add to the channel' },
]

function begin(app: string, email: string, name: string, fields: Fields): PlannedActionRead[] {
  if (app === 'github') {
    const who = String(fields.username ?? email)
    return [planned('invite', 'invite', `Invite ${who} to acme`, who, { after: { role: fields.role, single_sign_on: fields.sso } })]
  }
  if (app === 'clickup') {
    return [
      planned('invite', 'invite', `Invite ${email} as a ${String(fields.role ?? 'member')}`, email, { after: { role: fields.role } }),
      planned('acceptance', 'invite', `Wait until ${email} accepts the invitation`, email, { depends_on: ['invite'] }),
    ]
  }
  const after = { name, address: email, password_change: fields.require_password_change, role: fields.role, unit: fields.primary_org_unit, usage_location: fields.usage_location }
  const known = Object.fromEntries(Object.entries(after).filter(([, value]) => value !== undefined && value !== null))
  const made = planned('create', 'create', `Create the account ${email}`, email, { after: known })
  if (app !== 'slack' || fields.role !== 'admin') return [made]
  return [made, planned('role', 'manual_task', 'Make workspace administrator', email, { depends_on: ['create'] })]
}

/** What a wish would do in one app, in about the words of its provider. */
export function planOfApp(app: string, email: string, name: string, fields: Fields): PlanAppRead {
  const first = begin(app, email, name, fields)
  const root = first[0]?.key ?? 'create'
  const given = GIVEN.flatMap(({ field, options, kind, verb }) =>
    list(fields, field).map((value) => {
      const label = labelOf(app, options, value)
      return planned(`${field}:${value}`, kind, `${verb} ${label}`, label, { depends_on: [root] })
    }),
  )
  const seats = GIVEN.filter(({ kind }) => kind === 'assign_license').flatMap(({ field, options }) => list(fields, field).map((value) => seat(app, options, value)))
  if (fields.copilot === true) {
    given.push(planned('copilot', 'assign_license', 'Assign a GitHub Copilot seat', 'GitHub Copilot', { depends_on: [root] }))
  }
  return planApp(app, [...first, ...given], { seats })
}

/** The plan that a wish of the wizard would get. */
export function planFor(email: string, name: string, wish: Record<string, Fields>): PlanAppRead[] {
  return Object.entries(wish).map(([app, fields]) => planOfApp(app, email, name, fields))
}

/** What a person is told to do, for a task. */
export function taskOf(one: PlannedActionRead, assignee: { id: string; name: string } | null): NonNullable<ActionRead['task']> {
  return {
    instructions: [
      'Slack lets only Enterprise plans change this by API, with a token that may manage people.',
      `In Slack, under Manage members, find ${one.target}.`,
      'Choose Change account type, then Workspace admin.',
    ],
    link: 'https://acme.slack.com/admin',
    assignee,
    said_done: null,
    checking: false,
  }
}
