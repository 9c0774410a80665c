import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FakeSource } from '@/test/fake-source'
import { Around, testQueries } from '@/test/render'
import { useRequestEvents } from './use-request-events'

function follow(active = true) {
  const queries = testQueries()
  const refresh = vi.spyOn(queries, 'invalidateQueries')
  const asked = () => refresh.mock.calls.filter(([filter]) => filter?.queryKey?.[1] === 'one').length
  const hook = renderHook(({ on }) => useRequestEvents('r1', on), {
    initialProps: { on: active },
    wrapper: ({ children }) => <Around queries={queries}>{children}</Around>,
  })
  return { ...hook, asked }
}

const source = () => FakeSource.last()

beforeEach(() => {
  vi.useFakeTimers()
  FakeSource.install()
})

afterEach(() => {
  vi.useRealTimers()
})

describe('following a request', () => {
  it('asks anew once for several events in one moment', () => {
    const { result, asked } = follow()
    act(() => {
      source().open()
    })
    expect(result.current).toBe('live')
    const before = asked()
    act(() => {
      source().say('action.changed', '7')
      source().say('action.changed', '8')
      source().say('result.changed', '9')
      vi.advanceTimersByTime(200)
    })
    expect(asked()).toBe(before + 1)
  })

  it('polls while the stream is away and stops when it is back', () => {
    const { result, asked } = follow()
    act(() => {
      source().open()
      source().fail(0)
    })
    expect(result.current).toBe('polling')
    const before = asked()
    act(() => vi.advanceTimersByTime(8_500))
    expect(asked()).toBe(before + 2)
    act(() => {
      source().open()
    })
    expect(result.current).toBe('live')
    const settled = asked()
    act(() => vi.advanceTimersByTime(20_000))
    expect(asked()).toBe(settled)
  })

  it('opens the stream anew after a refusal, from the last event it saw', () => {
    follow()
    act(() => {
      source().open()
      source().say('action.changed', '41')
      source().fail(FakeSource.CLOSED)
      vi.advanceTimersByTime(1_100)
    })
    expect(FakeSource.all).toHaveLength(2)
    expect(source().url).toBe('/api/requests/r1/events?after=41')
  })

  it('asks for nothing once the request is over', () => {
    const { result, rerender, asked } = follow()
    const first = source()
    rerender({ on: false })
    expect(result.current).toBe('off')
    expect(first.readyState).toBe(FakeSource.CLOSED)
    const before = asked()
    act(() => vi.advanceTimersByTime(30_000))
    expect(asked()).toBe(before)
  })
})
