import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Around, testQueries } from '@/test/render'
import { useRequestEvents } from './use-request-events'

class FakeSource extends EventTarget {
  static readonly CLOSED = 2
  static all: FakeSource[] = []
  readyState = 0
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null

  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }

  close() {
    this.readyState = FakeSource.CLOSED
  }

  open() {
    this.readyState = 1
    this.onopen?.()
  }

  fail(state: number) {
    this.readyState = state
    this.onerror?.()
  }

  say(name: string, id: string) {
    this.dispatchEvent(new MessageEvent(name, { data: '{}', lastEventId: id }))
  }
}

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

const source = () => FakeSource.all.at(-1) as FakeSource

beforeEach(() => {
  vi.useFakeTimers()
  FakeSource.all = []
  vi.stubGlobal('EventSource', FakeSource)
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
