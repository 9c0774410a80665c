import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/test/render'
import { plannedAction, planApp, planOf } from '@/test/samples'
import { rowsOf } from './before-after'
import { PlanDiff } from './plan-diff'
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
    expect(applyLabel(plan, {})).toBe('Create 2 accounts, change 1 setting and assign 3 licences')
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
