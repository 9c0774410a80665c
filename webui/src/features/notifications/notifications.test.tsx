import { screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { describe, expect, it, vi } from 'vitest'
import { answers } from '@/test/answers'
import { deadOf, gapOf, healthOf, messageOf, notificationOf, subscriptionOf } from '@/test/notifications'
import { show, showRouted } from '@/test/render'
import { EventDialog } from './event-dialog'
import { EventsTable } from './events-table'
import { GapsTable } from './gaps-table'
import { Findings } from './health'
import { SubscribeDialog } from './subscribe-dialog'

const pageOf = <Row,>(...items: Row[]) => ({ items, total: items.length, limit: 25, offset: 0 })

describe('health', () => {
  it('says in plain words what is wrong and what to do, and where', async () => {
    const problem = { code: 'missing_scope', message: 'Mail.Read is missing.', remedy: 'Grant it, then reconnect.', link: null, vendor_message: null, since: null }
    const failing = subscriptionOf({ state: 'failing', problem })
    const open = vi.fn()
    await showRouted(<Findings health={healthOf({ subscriptions: { failing: 1 }, notifications: { dead: 2 }, problems: [failing] })} onOpen={open} />)
    expect(screen.getByText('Mail of ada@acme.example: Mail.Read is missing.')).toBeVisible()
    expect(screen.getByText(/Grant it, then reconnect/)).toBeVisible()
    expect(screen.getByRole('link', { name: 'Show what it is about' })).toHaveAttribute('href', '/admin/notifications?view=dead')
    await userEvent.click(screen.getByRole('button', { name: 'Open the subscription' }))
    expect(open).toHaveBeenCalledWith(failing)
  })

  it('is quiet where all is well', async () => {
    await showRouted(<Findings health={healthOf()} onOpen={vi.fn()} />)
    expect(screen.getByRole('status')).toHaveTextContent('2 subscriptions are active')
  })
})

describe('watching something', () => {
  it('asks for several in one call, and says which line was refused', async () => {
    const refusal = { status: 422, body: { code: 'invalid_input', errors: [{ field: 'items.1.resource', message: 'Write one of users/<address>/messages.', code: 'invalid' }] } }
    const heard = answers({ 'POST /api/ms365/subscriptions/bulk': refusal })
    show(<SubscribeDialog onMade={vi.fn()} onClose={vi.fn()} />)
    await userEvent.click(screen.getByRole('button', { name: 'Watch' }))
    expect(screen.getByText('Write at least one address.')).toBeVisible()
    expect(heard).toEqual([])
    await userEvent.type(screen.getByLabelText(/Whose/), 'ada@acme.example{Enter}b b')
    await userEvent.click(screen.getByRole('button', { name: 'Watch' }))
    expect(await screen.findByText('b b: Write one of users/<address>/messages.')).toBeVisible()
    expect(heard[0]?.body).toMatchObject({ items: [{ resource: 'users/ada@acme.example/messages' }, { resource: 'users/b b/messages' }] })
  })

  it('says what to do about one that is watched already', async () => {
    const heard = answers({ 'POST /api/ms365/subscriptions': { status: 409, body: { code: 'subscription_exists', detail: 'There is a subscription already.' } } })
    show(<SubscribeDialog onMade={vi.fn()} onClose={vi.fn()} />)
    await userEvent.type(screen.getByLabelText(/Whose/), 'ada@acme.example')
    await userEvent.click(screen.getByRole('button', { name: 'Watch' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('choose other changes')
    await userEvent.click(screen.getByRole('checkbox', { name: 'Deleted' }))
    await userEvent.click(screen.getByRole('button', { name: 'Watch' }))
    await vi.waitFor(() => {
      expect(heard).toHaveLength(2)
    })
    const keys = heard.map(({ headers }) => headers.get('Idempotency-Key'))
    expect(keys[0]).not.toBe(keys[1])
  })
})

describe('what arrived', () => {
  it('lets dead letters be chosen, by names that tell them apart', async () => {
    const choose = vi.fn()
    show(
      <EventsTable page={pageOf(deadOf('n1'), deadOf('n2'))} refreshing={false} of={() => subscriptionOf()} onOpen={vi.fn()} onOffset={vi.fn()} chosen={new Set(['n2'])} onChoose={choose} />,
    )
    const boxes = screen.getAllByRole('checkbox', { name: /Choose New mail, Nov 21, 2026/ })
    expect(boxes.map((box) => (box as HTMLInputElement).checked)).toEqual([false, true])
    await userEvent.click(boxes[0] as HTMLElement)
    expect(choose).toHaveBeenCalledWith('n1', true)
    expect(screen.getAllByText('Microsoft answered 500.')).toHaveLength(2)
  })

  it('shows one whole, with the mail for whoever may read it', async () => {
    answers({ 'GET /api/ms365/notifications/n1': { body: notificationOf({ message_id: 'm1' }) }, 'GET /api/ms365/messages/m1': { body: messageOf() } })
    show(<EventDialog id="n1" of={() => subscriptionOf()} mayReplay mayReadMail replaying={false} onReplay={vi.fn()} onClose={vi.fn()} />)
    expect(await screen.findByText('The mail was read at Microsoft and stored.')).toBeVisible()
    expect(await screen.findByText('Bob <bob@globex.example>')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Look at it again' })).toBeVisible()
  })

  it('fetches no mail for whoever may not read it, and offers no replay to whoever may not', async () => {
    const heard = answers({ 'GET /api/ms365/notifications/n1': { body: { ...deadOf('n1'), message_id: 'm1' } } })
    show(<EventDialog id="n1" of={() => undefined} mayReplay={false} mayReadMail={false} replaying={false} onReplay={vi.fn()} onClose={vi.fn()} />)
    expect(await screen.findByText('Mails are for administrators.')).toBeVisible()
    expect(screen.getByText(/Replay it when Microsoft answers again/)).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Replay' })).not.toBeInTheDocument()
    expect(heard.map(({ path }) => path)).toEqual(['/api/ms365/notifications/n1'])
  })
})

describe('gaps', () => {
  it('say what closed them and how much that brought in', () => {
    const closed = { closed_at: '2026-11-21T10:00:09Z', found: 3 }
    show(
      <GapsTable
        page={pageOf(gapOf(), gapOf({ id: 'g2', ...closed, closed_by: 'delta' }), gapOf({ id: 'g3', ...closed, closed_by: 'not_possible' }))}
        refreshing={false}
        of={() => subscriptionOf()}
        onOffset={vi.fn()}
      />,
    )
    expect(screen.getByText('Being closed')).toBeVisible()
    expect(screen.getByText('Read what changed since, 3 objects read')).toBeVisible()
    expect(screen.getByText('Microsoft offers no way: look there')).toBeVisible()
    expect(screen.getAllByText('1 h 0 min')).toHaveLength(3)
  })
})
