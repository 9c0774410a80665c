import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeSource } from '@/test/fake-source'
import { Around, testQueries } from '@/test/render'
import { useFeed } from './use-feed'

function follow() {
  const queries = testQueries()
  const refresh = vi.spyOn(queries, 'invalidateQueries').mockResolvedValue()
  const hook = renderHook(useFeed, { wrapper: ({ children }) => <Around queries={queries}>{children}</Around> })
  act(() => {
    FakeSource.last().open()
  })
  /** Whether the newest refresh left a list of what arrived alone. */
  const spared = () => refresh.mock.lastCall?.[0]?.predicate?.({ queryKey: ['notifications', 'events', {}], state: { data: {} } } as never) === false
  return { ...hook, refresh, spared }
}

const settle = () => act(() => vi.advanceTimersByTimeAsync(400))

beforeEach(() => {
  vi.useFakeTimers()
  FakeSource.install()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('following what arrives', () => {
  it('fetches a few times for a burst, never two at once, and once more for what came meanwhile', async () => {
    const { refresh } = follow()
    await settle()
    const before = refresh.mock.calls.length
    let answer: () => void = () => undefined
    refresh.mockImplementationOnce(() => new Promise<void>((resolve) => { answer = resolve }))
    for (let n = 0; n < 5; n += 1) {
      act(() => {
        FakeSource.last().say('notification.arrived', `${n}-1`, { count: 200 })
        vi.advanceTimersByTime(350)
      })
    }
    expect(refresh.mock.calls.length).toBe(before + 1)
    answer()
    await settle()
    expect(refresh.mock.calls.length).toBe(before + 2)
  })

  it('leaves what could not be fetched alone while it only tries in turns, and tries it when the stream is back', async () => {
    const { refresh } = follow()
    const failed = () => refresh.mock.lastCall?.[0]?.predicate?.({ queryKey: ['notifications', 'health'], state: { data: undefined } } as never)
    await settle()
    act(() => {
      FakeSource.last().fail(0)
    })
    await act(() => vi.advanceTimersByTimeAsync(4_500))
    expect(failed()).toBe(false)
    act(() => {
      FakeSource.last().open()
    })
    await settle()
    expect(failed()).toBe(true)
  })

  it('stands still while it is paused, counts what arrives, and shows all when it goes on', async () => {
    const { result, spared } = follow()
    await settle()
    expect(spared()).toBe(false)
    act(() => {
      result.current.pause()
    })
    act(() => {
      FakeSource.last().say('notification.arrived', '1-1', { count: 3 })
      FakeSource.last().say('notification.changed', '1-2', { state: 'done' })
      FakeSource.last().say('notification.arrived', '1-3', { count: 1 })
    })
    await settle()
    expect(result.current).toMatchObject({ paused: true, missed: 4 })
    expect(spared()).toBe(true)
    act(() => {
      result.current.resume()
    })
    await settle()
    expect(result.current).toMatchObject({ paused: false, missed: 0, following: 'live' })
    expect(spared()).toBe(false)
  })
})
