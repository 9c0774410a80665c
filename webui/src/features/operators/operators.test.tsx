import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { show } from '@/test/render'
import { operatorOf } from '@/test/samples'
import { GroupRoles } from './group-roles'
import { LeavingDialog } from './leaving-dialog'
import { AddOperatorDialog, ChangeRoleDialog } from './operator-dialog'
import { OperatorsTable } from './operators-table'

const ada = operatorOf('Ada', { role: 'admin', is_me: true })
const hal = operatorOf('Hal', { grants: [{ source: 'group', role: 'helpdesk' }] })
const page = { items: [ada, hal], total: 2, limit: 50, offset: 0 }

describe('the list of operators', () => {
  it('says who says so, and offers nothing to do to oneself', () => {
    show(<OperatorsTable page={page} refreshing={false} onOffset={vi.fn()} acts={(one) => <button>Act on {one.name}</button>} />)
    expect(screen.getByText('You')).toBeVisible()
    expect(screen.getByText('by a group')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Act on Hal' })).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Act on Ada' })).not.toBeInTheDocument()
  })
})

describe('changing operators', () => {
  it('adds somebody by address, and says beside it why not', async () => {
    const message = 'This address is an operator’s already.'
    const heard = answers({ 'POST /api/operators': { status: 422, body: { code: 'invalid_input', errors: [{ field: 'email', message, code: 'already_there' }] } } })
    show(<AddOperatorDialog onClose={vi.fn()} />)
    expect(screen.getByRole('button', { name: 'Add the operator' })).toBeDisabled()
    await userEvent.click(screen.getByLabelText('Auditor'))
    await userEvent.type(screen.getByLabelText(/Address/), 'bea@acme.example{Enter}')
    expect(await screen.findByText(message)).toBeVisible()
    expect(heard[0]?.body).toEqual({ email: 'bea@acme.example', name: '', role: 'auditor' })
    await userEvent.type(screen.getByLabelText(/Address/), 'x')
    expect(screen.queryByText(message)).not.toBeInTheDocument()
  })

  it('changes a role, and shows a refusal that is about no field', async () => {
    const heard = answers({ [`PATCH /api/operators/${hal.id}`]: { status: 409, body: { code: 'last_administrator', detail: 'The tenant would have no administrator left.' } } })
    show(<ChangeRoleDialog operator={hal} onClose={vi.fn()} />)
    expect(screen.getByRole('button', { name: 'Change the role' })).toBeDisabled()
    await userEvent.click(screen.getByLabelText('Admin'))
    await userEvent.click(screen.getByRole('button', { name: 'Change the role' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('no administrator left')
    expect(heard[0]?.body).toEqual({ role: 'admin' })
  })

  it('asks before somebody loses their way in', async () => {
    const heard = answers({ [`PATCH /api/operators/${hal.id}`]: { body: hal } })
    const close = vi.fn()
    show(<LeavingDialog operator={hal} what="disable" onClose={close} />)
    expect(screen.getByText(/signed out within ten seconds/)).toBeVisible()
    expect(heard).toEqual([])
    await userEvent.click(screen.getByRole('button', { name: 'Disable' }))
    await vi.waitFor(() => {
      expect(close).toHaveBeenCalled()
    })
    expect(heard[0]?.body).toEqual({ disabled: true })
  })
})

describe('roles by group', () => {
  const stored = { items: [{ group: 'oneclick-desk', role: 'helpdesk' as const }, { group: 'oneclick-admins', role: 'admin' as const }], set_here: false }

  it('are written as a whole, without lines that say nothing or say it twice', async () => {
    const heard = answers({ 'PUT /api/operators/group-roles': { body: { items: [{ group: 'oneclick-admins', role: 'admin' }], set_here: true } } })
    show(<GroupRoles stored={stored} />)
    const save = screen.getByRole('button', { name: 'Save the groups' })
    expect(save).toBeDisabled()
    expect(screen.getByText(/come from the installation’s file/)).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Add a group' }))
    await userEvent.click(save)
    expect(screen.getByText(/Write the group’s name/)).toBeVisible()
    await userEvent.type(screen.getByLabelText('Group 3'), 'oneclick-desk')
    expect(screen.getByText('This group stands above already.')).toBeVisible()
    expect(heard).toEqual([])
    await userEvent.type(screen.getByLabelText('Group 3'), '-night')
    await userEvent.selectOptions(screen.getByLabelText('Role of oneclick-desk-night'), 'auditor')
    await userEvent.click(screen.getByRole('button', { name: 'Take oneclick-desk out' }))
    await userEvent.click(save)
    await vi.waitFor(() => {
      expect(heard).toHaveLength(1)
    })
    expect(heard[0]?.body).toEqual({ items: [{ group: 'oneclick-admins', role: 'admin' }, { group: 'oneclick-desk-night', role: 'auditor' }] })
  })
})
