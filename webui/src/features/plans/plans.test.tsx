import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/test/render'
import { plannedAction, planApp, planOf } from '@/test/samples'
import { rowsOf } from './before-after'
import { PlanDiff } from './plan-diff'
import { linesOf } from './plan-summary'
import { applyLabel, isNothingToDo, openChoices } from './summary'

const choice = {
  code: 'existing_account',
  message: 'mary@acme.example exists already.',
  options: [
    { value: 'adopt', label: 'Use it' },
    { value: 'skip', label: 'Leave it out' },
  ],
  selected: null,
}

describe('what the apply button says', () => {
  const plan = planOf(
    planApp('google-workspace', [plannedAction('create'), plannedAction('assign_license'), plannedAction('assign_license', { key: 'l2' })]),
    planApp('microsoft-365', [plannedAction('create'), plannedAction('assign_license'), plannedAction('update')]),
  )

  it('counts what it does', () => {
    expect(applyLabel(plan, {})).toBe('Create 2 accounts, assign 3 licences and change 1 setting')
  })

  it('leaves out an app that is skipped', () => {
    const asks = planOf(planApp('google-workspace', [plannedAction('create')]), planApp('microsoft-365', [plannedAction('adopt')], { choices: [choice] }))
    expect(openChoices(asks, {})).toBe(1)
    const skip = { 'microsoft-365': { existing_account: 'skip' } }
    expect(openChoices(asks, skip)).toBe(0)
    expect(applyLabel(asks, skip)).toBe('Create 1 account')
  })
})

describe('the plan', () => {
  it('says “nothing to do” as a success', () => {
    const plan = planOf(planApp('google-workspace', [plannedAction('noop')]))
    expect(isNothingToDo(plan)).toBe(true)
    show(<PlanDiff plan={plan} />)
    expect(screen.getByRole('status')).toHaveTextContent('Nothing to do')
  })

  it('marks and counts what takes something away', () => {
    show(<PlanDiff plan={planOf(planApp('microsoft-365', [plannedAction('delete', { destructive: true, reversible: false, title: 'Delete the account' })]))} />)
    expect(screen.getByText('1 action takes something away')).toBeVisible()
    expect(screen.getByText('Cannot be undone')).toBeVisible()
  })

  it('asks inline what to do with an account that is there', async () => {
    const decide = vi.fn()
    show(<PlanDiff plan={planOf(planApp('google-workspace', [], { state: 'needs_decision', choices: [choice] }))} onDecide={decide} />)
    await userEvent.click(screen.getByLabelText('Use it'))
    expect(decide).toHaveBeenCalledWith('google-workspace', 'existing_account', 'adopt')
  })

  it('shows what differs, and nothing else', () => {
    expect(rowsOf({ unit: '/Sales', title: 'Lead' }, { unit: '/Engineering', title: 'Lead' })).toEqual([{ name: 'unit', before: '/Sales', after: '/Engineering' }])
    expect(rowsOf(null, { enabled: true })).toEqual([{ name: 'enabled', before: null, after: 'yes' }])
  })

  it('says when the seats do not reach', () => {
    const seats = [
      { key: 's', name: 'Business Premium', free: 0, needed: 1, reserved: 0, left: -1 },
      { key: 't', name: 'E3', free: 3, needed: 1, reserved: 5, left: -3 },
    ]
    show(<PlanDiff plan={planOf(planApp('microsoft-365', [plannedAction('assign_license')], { seats }))} />)
    expect(screen.getByText('needs 1 seat, 0 free')).toBeVisible()
    expect(screen.getByText('needs 1 seat, 3 free, 5 for others')).toBeVisible()
  })

  it('counts an invitation once, although its acceptance is waited for', () => {
    const invites = planOf(planApp('clickup', [plannedAction('invite'), plannedAction('invite', { key: 'acceptance' })]), planApp('zoom', [plannedAction('create'), plannedAction('invite', { key: 'acceptance' })]))
    expect(applyLabel(invites, {})).toBe('Create 1 account and send 1 invitation')
    expect(applyLabel(planOf(planApp('clickup', [plannedAction('invite', { key: 'acceptance' })])), {})).toBe('Wait for 1 acceptance')
  })

  it('counts the seats that others were promised', () => {
    const seats = [
      { key: 's', name: 'Business Premium', free: 12, needed: 1, reserved: 4, left: 7 },
      { key: 't', name: 'E3', free: 2, needed: 1, reserved: 0, left: 1 },
      { key: 'u', name: 'Workspace', free: null, needed: 1, reserved: 4, left: null },
    ]
    show(<PlanDiff plan={planOf(planApp('microsoft-365', [plannedAction('assign_license')], { seats }))} />)
    expect(screen.getByText('7 seats left after this and 4 for others')).toBeVisible()
    expect(screen.getByText('1 seat left after this')).toBeVisible()
    expect(screen.getByText('uses 1 seat')).toBeVisible()
  })
})

describe('a plan of many apps', () => {
  const calm = ['clickup', 'confluence', 'github', 'google-workspace', 'zoom'].map((app) => planApp(app, [plannedAction('create', { title: `Create in ${app}` }), plannedAction('manual_task', { title: `Do it in ${app}` })]))
  const seats = [{ key: 's', name: 'Core', free: 0, needed: 1, reserved: 0, left: -1 }]
  const plan = planOf(
    ...calm,
    planApp('hubspot', [plannedAction('assign_license', { title: 'Assign Core' })], { seats }),
    planApp('jira', [plannedAction('adopt', { title: 'Link it' })], { state: 'needs_decision', choices: [choice] }),
    planApp('slack', [plannedAction('delete', { destructive: true, title: 'Delete it' })]),
    planApp('scim', [plannedAction('noop')]),
    planApp('microsoft-365', [], { state: 'failed' }),
  )

  it('is summed up first, with what stands in its way', () => {
    expect(linesOf(plan, {}).map(({ words, tone }) => [words, tone])).toEqual([
      ['Create 5 accounts', undefined],
      ['Link 1 existing account', undefined],
      ['Assign 1 licence', undefined],
      ['Leave 5 tasks to a person', undefined],
      ['Delete 1 account', 'bad'],
      ['1 app already as you want it', 'ok'],
      ['Seats do not reach for 1 licence', 'warn'],
      ['1 app could not be planned', 'bad'],
    ])
    expect(linesOf(plan, { jira: { existing_account: 'skip' } }).map(({ words }) => words)).toContain('1 app left out')
  })

  it('folds the apps about which nothing has to be looked at', async () => {
    show(<PlanDiff plan={plan} />)
    expect(screen.queryByText('Create in zoom')).not.toBeInTheDocument()
    for (const shown of ['Assign Core', 'Link it', 'Delete it']) expect(screen.getByText(shown)).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: /zoom/, expanded: false }))
    expect(screen.getByText('Create in zoom')).toBeVisible()
    expect(screen.getByText('For a person')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Unfold all apps' }))
    expect(screen.getByText('Create in github')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Fold all apps' }))
    expect(screen.queryByText('Delete it')).not.toBeInTheDocument()
  })

  it('leads to the first question, also when its app was folded', async () => {
    show(<PlanDiff plan={plan} onDecide={vi.fn()} />)
    await userEvent.click(screen.getByRole('button', { name: /jira/, expanded: true }))
    expect(screen.queryByLabelText('Use it')).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Show it' }))
    await waitFor(() => {
      expect(screen.getByLabelText('Use it')).toHaveFocus()
    })
  })
})
