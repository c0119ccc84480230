// Sandbox time: real time plus an offset that the control plane moves. The offset is kept, so a restart does not
// turn time back.

import type { Store } from './store.ts'

const setting = 'clock-offset-ms'

/** The sandbox's time. */
export class Clock {
  readonly #store: Store
  readonly #realNow: () => Date
  #offsetMs: number

  constructor(store: Store, realNow: () => Date) {
    this.#store = store
    this.#realNow = realNow
    this.#offsetMs = Number(store.setting(setting) ?? 0)
  }

  /** Now. */
  now(): Date {
    return new Date(this.#realNow().getTime() + this.#offsetMs)
  }

  /** Now, as Stripe writes it. */
  unixSeconds(): number {
    return Math.floor(this.now().getTime() / 1000)
  }

  /** How far the sandbox's time is from real time. */
  offsetSeconds(): number {
    return this.#offsetMs / 1000
  }

  /** Moves time by so many milliseconds; it keeps running from there. */
  advance(ms: number): void {
    this.#offsetMs += ms
    this.#store.saveSetting(setting, String(this.#offsetMs))
  }

  /** Sets the time; it keeps running from there. */
  set(to: Date): void {
    this.advance(to.getTime() - this.now().getTime())
  }

  /** Back to real time; for a store that has just been cleared. */
  reset(): void {
    this.#offsetMs = 0
  }
}
