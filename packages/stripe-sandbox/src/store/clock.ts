// Sandbox time: real time plus an offset that the control plane moves. The offset is persisted, so a restart
// does not turn back time.

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

  /** The current time, as Stripe writes it. */
  unixSeconds(): number {
    return Math.floor(this.now().getTime() / 1000)
  }

  /** The difference between sandbox time and real time. */
  offsetSeconds(): number {
    return this.#offsetMs / 1000
  }

  /** Advances the time by this many milliseconds; it keeps running from there. */
  advance(ms: number): void {
    this.#offsetMs += ms
    this.#store.saveSetting(setting, String(this.#offsetMs))
  }

  /** Sets the time; it keeps running from there. */
  set(to: Date): void {
    this.advance(to.getTime() - this.now().getTime())
  }

  /** Returns to real time; for a store that has just been cleared. */
  reset(): void {
    this.#offsetMs = 0
  }
}
