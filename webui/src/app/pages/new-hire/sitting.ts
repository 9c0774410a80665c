import type { RequestCreate } from '@/api/types'

export interface Planned {
  id: string
  wish: RequestCreate
}

/** One person's sitting at the wizard: which wish was sent under which key, and which planned request stands for it. */
export class Sitting {
  readonly id = crypto.randomUUID()
  readonly #keys = new Map<string, string>()
  #planned: Planned | null = null

  /** The idempotency key of a wish: the same for the same wish, so that a lost reply makes no second request. */
  keyFor(wish: RequestCreate): string {
    const name = JSON.stringify(wish)
    const key = this.#keys.get(name) ?? crypto.randomUUID()
    this.#keys.set(name, key)
    return key
  }

  /** Notes the planned request that stands now; answers the one it takes the place of. */
  replace(next: Planned): Planned | null {
    const before = this.#planned
    if (before?.id === next.id) return null
    this.#planned = next
    if (before !== null) this.#keys.delete(JSON.stringify(before.wish))
    return before
  }
}
