import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { describe, expect, it, vi } from 'vitest'
import type { ResultRead } from '@/api/types'
import { show, showRouted } from '@/test/render'
import { actionOf, resultOf, taskOf } from '@/test/samples'
import type { Acting } from '../acting'
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

function acting(extra: Partial<Acting> = {}) {
  return { mayWrite: true, me: 'o1', run: vi.fn(), isBusy: () => false, open: vi.fn(), ...extra } satisfies Acting
}

function Card({ result, on, brief, open = true }: { result: ResultRead; on: Acting; brief?: boolean; open?: boolean }) {
  const [shown, setShown] = useState(open)
  return <ResultCard result={result} acting={on} open={shown} brief={brief} onOpen={setShown} />
}

const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString()

describe('an app of a running request', () => {
  it('says what failed, who must act, and offers one action with the raw reply behind it', async () => {
    const on = acting()
    const failed = actionOf({ key: 'license:s', title: 'Assign Business Premium', state: 'failed', tries: 3, error })
    show(<Card result={resultOf('microsoft-365', { state: 'error', error, actions: [failed] })} on={on} />)
    expect(screen.getAllByText(error.message)).toHaveLength(1)
    expect(screen.getByText('An administrator at the vendor must act')).toBeVisible()
    expect(screen.getByText('3 tries')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Raw reply' }))
    await userEvent.click(screen.getByRole('button', { name: 'Retry this action' }))
    await userEvent.click(screen.getByRole('button', { name: 'Retry microsoft-365' }))
    expect(on.open).toHaveBeenCalledWith('raw', failed)
    expect(on.run).toHaveBeenCalledWith({ what: 'retry-action', action: 'a1' })
    expect(on.run).toHaveBeenCalledWith({ what: 'retry-app', app: 'microsoft-365' })
  })

  it('keeps a long reply to a few lines, and shows all of it on demand', async () => {
    const words = 'Die Genehmigungsstufe konnte der Kostenstelle nicht zugeordnet werden. '.repeat(6)
    const failed = actionOf({ state: 'failed', error: { ...error, code: 'unknown', vendor_message: words } })
    show(<Card result={resultOf('scim', { state: 'error', actions: [failed] })} on={acting()} />)
    const more = screen.getByRole('button', { name: 'Show all of it' })
    const text = document.getElementById('action-scim-create-error-vendor')
    expect(text).toHaveAttribute('data-cut')
    await userEvent.click(more)
    expect(text).not.toHaveAttribute('data-cut')
  })

  it('folds and opens', async () => {
    show(<Card result={resultOf('google-workspace', { actions: [actionOf({ title: 'Create it' })] })} on={acting()} open={false} />)
    expect(screen.queryByText('Create it')).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { expanded: false }))
    expect(screen.getByText('Create it')).toBeVisible()
  })

  it('offers nothing that changes anything to somebody who only reads', () => {
    const failed = actionOf({ state: 'failed', error })
    const invite = actionOf({ id: 'a2', key: 'invite', kind: 'invite', state: 'awaiting_acceptance' })
    const task = actionOf({ id: 'a3', key: 'task', kind: 'manual_task', state: 'awaiting_person', task: taskOf() })
    show(<Card result={resultOf('github', { state: 'error', actions: [failed, invite, task] })} on={acting({ mayWrite: false })} />)
    for (const name of [/retry/i, /send again/i, /look now/i, /take it over/i, /done it/i]) {
      expect(screen.queryByRole('button', { name })).not.toBeInTheDocument()
    }
    expect(screen.getByRole('button', { name: 'Raw reply' })).toBeVisible()
    expect(screen.getByText('Make a card.')).toBeVisible()
  })

  it('says when a vendor that sets limits is tried again, and why, once', () => {
    const limited = { ...error, code: 'rate_limited', message: 'Zoom limits how fast we may work.' }
    const held = actionOf({ state: 'waiting_retry', next_try_at: soon(89), error: limited })
    show(<Card result={resultOf('zoom', { state: 'waiting_retry', waiting_reason: limited.message, next_try_at: soon(89), actions: [held] })} on={acting()} />)
    expect(screen.getAllByText(/Zoom limits how fast/)).toHaveLength(1)
    expect(document.getElementById('result-zoom-next-try')).toHaveTextContent(/Next try at \d\d:\d\d:\d\d, in 1:[0-2]\d/)
  })

  it('says once that the account must be reconnected, with the way there', async () => {
    const lost = { ...error, code: 'auth_expired', message: 'Zoom has withdrawn the consent.' }
    const held = actionOf({ state: 'waiting_retry', next_try_at: soon(300), error: lost })
    const reason = `${lost.message} Reconnect the account under Connected accounts: this goes on by itself then.`
    await showRouted(<Card result={resultOf('zoom', { state: 'waiting_retry', waiting_reason: reason, next_try_at: soon(300), actions: [held] })} on={acting()} />)
    expect(screen.getAllByText(/Zoom has withdrawn/)).toHaveLength(1)
    expect(screen.getByRole('link', { name: 'Connected accounts' })).toHaveAttribute('href', '/admin/connections')
  })

  it('keeps a run of done actions in one line where there are many apps', async () => {
    const actions = [1, 2, 3].map((n) => actionOf({ id: `a${n}`, key: `k${n}`, title: `Step ${n}` }))
    const sealed = actionOf({ id: 'a0', key: 'create', title: 'Create it', first_password: { state: 'sealed', expires_at: null } })
    show(<Card result={resultOf('google-workspace', { actions: [sealed, ...actions] })} on={acting()} brief />)
    expect(screen.getByRole('button', { name: 'Show first password' })).toBeVisible()
    expect(screen.queryByText('Step 2')).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: '3 actions done' }))
    expect(screen.getByText('Step 2')).toBeVisible()
  })
})

describe('an invitation that is out', () => {
  const invite = actionOf({ key: 'invite', kind: 'invite', state: 'awaiting_acceptance', sent_at: soon(-86_400 * 2), expires_at: soon(86_400 * 5), next_look_at: soon(600) })

  it('says since when and until when, and can be sent again or looked at', async () => {
    const on = acting()
    show(<Card result={resultOf('github', { state: 'awaiting_acceptance', actions: [invite] })} on={on} />)
    const place = document.getElementById('action-github-invite-invitation')
    expect(place).toHaveTextContent(/Sent 2 days ago/)
    expect(place).toHaveTextContent(/it lapses in (4 d 23 h|5 d 0 h)/)
    await userEvent.click(screen.getByRole('button', { name: 'Look now' }))
    expect(on.run).toHaveBeenCalledWith({ what: 'look', action: 'a1' })
    await userEvent.click(screen.getByRole('button', { name: 'Send again' }))
    expect(on.open).toHaveBeenCalledWith('resend', invite)
  })

  it('says so when it has lapsed', () => {
    show(<Card result={resultOf('github', { state: 'awaiting_acceptance', actions: [{ ...invite, expires_at: soon(-7_200) }] })} on={acting()} />)
    expect(screen.getByText(/it lapsed/)).toHaveTextContent(/it lapsed 2 hours ago/)
  })
})

describe('a task for a person', () => {
  const task = (extra: Parameters<typeof taskOf>[0] = {}, note: string | null = null) =>
    resultOf('slack', {
      title: 'Slack',
      state: 'awaiting_person',
      actions: [actionOf({ key: 'card', kind: 'manual_task', state: 'awaiting_person', note, task: taskOf(extra) })],
    })

  it('lists what to do, leads to the vendor, and can be taken, handed over and said done with a note', async () => {
    const on = acting()
    show(<Card result={task()} on={on} />)
    expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toContain('Go to the desk.')
    expect(screen.getByRole('link', { name: 'Open club.example' })).toHaveAttribute('href', 'https://club.example/desk')
    expect(screen.getByText('This task is nobody’s yet')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Take it over' }))
    expect(on.run).toHaveBeenCalledWith({ what: 'assign', action: 'a1', assignee: 'me' })
    await userEvent.click(screen.getByRole('button', { name: 'Hand over' }))
    expect(on.open).toHaveBeenCalledWith('hand-over', expect.objectContaining({ id: 'a1' }))
    await userEvent.click(screen.getByRole('button', { name: 'Add a note' }))
    expect(screen.getByLabelText('Note')).toHaveFocus()
    await userEvent.keyboard('No. 7')
    await userEvent.click(screen.getByRole('button', { name: 'I have done it' }))
    expect(on.run).toHaveBeenCalledWith({ what: 'done', action: 'a1', note: 'No. 7' })
  })

  it('can be let go by whose it is', async () => {
    const on = acting()
    show(<Card result={task({ assignee: { id: 'o1', name: 'Ada' } })} on={on} />)
    expect(screen.getByText('This task is yours')).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Take it over' })).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Let it go' }))
    expect(on.run).toHaveBeenCalledWith({ what: 'assign', action: 'a1', assignee: null })
  })

  const said = { at: soon(-4_800), by: { id: 'o2', name: 'Bea' }, note: 'By the back door.' }

  it('says that the vendor is being asked, and then cannot be said done twice', () => {
    show(<Card result={task({ said_done: said, checking: true })} on={acting()} />)
    expect(screen.getByRole('status')).toHaveTextContent('Bea said that it is done. Slack is being asked.')
    expect(screen.queryByRole('button', { name: /done it|is done now/ })).not.toBeInTheDocument()
  })

  it('says what the look came to, who said it, and what they wrote', () => {
    show(<Card result={task({ said_done: said }, 'Slack does not show it yet.')} on={acting()} />)
    expect(screen.getAllByText('Slack does not show it yet.')).toHaveLength(1)
    expect(screen.getByRole('status')).toHaveTextContent(/Bea said 1 hour ago .*that it is done: By the back door\./)
    expect(screen.getByRole('button', { name: 'It is done now' })).toBeVisible()
  })
})
