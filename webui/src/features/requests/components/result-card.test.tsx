import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { show } from '@/test/render'
import { actionOf, resultOf } from '@/test/samples'
import { ResultCard } from './result-card'

const error = {
  code: 'no_seats',
  message: 'Microsoft says this licence has no free seats.',
  remedy: 'Buy one or pick another, then retry.',
  who: 'vendor admin' as const,
  link: null,
  raw: true,
  field: null,
  vendor_message: null,
}

function handlers() {
  return { onRetryApp: vi.fn(), onRetryAction: vi.fn(), onRaw: vi.fn(), onPassword: vi.fn() }
}

describe('an app of a running request', () => {
  it('says what failed, who must act, and offers one action with the raw reply behind it', async () => {
    const on = handlers()
    const failed = actionOf({ key: 'license:s', title: 'Assign Business Premium', state: 'failed', tries: 3, error })
    show(<ResultCard result={resultOf('microsoft-365', { state: 'error', error, actions: [failed] })} handlers={on} mayWrite busy={false} />)
    expect(screen.getAllByText(error.message)).toHaveLength(1)
    expect(screen.getByText('An administrator at the vendor must act')).toBeVisible()
    expect(screen.getByText('3 tries')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Raw reply' }))
    await userEvent.click(screen.getByRole('button', { name: 'Retry this action' }))
    await userEvent.click(screen.getByRole('button', { name: 'Retry microsoft-365' }))
    expect(on.onRaw).toHaveBeenCalledWith(failed)
    expect(on.onRetryAction).toHaveBeenCalledWith(failed)
    expect(on.onRetryApp).toHaveBeenCalledWith('microsoft-365')
  })

  it('folds when it is done, and opens on demand', async () => {
    show(<ResultCard result={resultOf('google-workspace', { actions: [actionOf({ title: 'Create it' })] })} handlers={handlers()} mayWrite busy={false} />)
    expect(screen.queryByText('Create it')).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { expanded: false }))
    expect(screen.getByText('Create it')).toBeVisible()
  })

  it('stays open while a first password waits to be seen', () => {
    const action = actionOf({ first_password: { state: 'sealed', expires_at: null } })
    show(<ResultCard result={resultOf('google-workspace', { actions: [action] })} handlers={handlers()} mayWrite busy={false} />)
    expect(screen.getByRole('button', { name: 'Show first password' })).toBeVisible()
  })

  it('offers nothing that changes anything to somebody who only reads', () => {
    const failed = actionOf({ state: 'failed', error })
    show(<ResultCard result={resultOf('microsoft-365', { state: 'error', actions: [failed] })} handlers={handlers()} mayWrite={false} busy={false} />)
    expect(screen.queryByRole('button', { name: /retry/i })).not.toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Raw reply' })).toBeVisible()
  })
})
