import { vi } from 'vitest'

/** Stands in for the browser's EventSource: a test opens it, lets it speak, and lets it fail. */
export class FakeSource extends EventTarget {
  static readonly CLOSED = 2
  static all: FakeSource[] = []
  readyState = 0
  onopen: (() => void) | null = null
  onerror: (() => void) | null = null

  constructor(readonly url: string) {
    super()
    FakeSource.all.push(this)
  }

  static install() {
    FakeSource.all = []
    vi.stubGlobal('EventSource', FakeSource)
  }

  static last(): FakeSource {
    return FakeSource.all.at(-1) as FakeSource
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

  say(name: string, id: string, data: unknown = {}) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data), lastEventId: id }))
  }
}
