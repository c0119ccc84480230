// Delivers every event to the webhook endpoint at least once:
//
//  1. an event is queued in the transaction that writes it, if an endpoint is registered at that time;
//  2. after the commit it is sent, oldest first, with at most eight deliveries under way; so events start in order but
//     may arrive in another order;
//  3. anything but a 2xx within ten seconds is retried after the gaps below, for three days of sandbox time;
//  4. the result is recorded after the response: a process that dies in between sends the event again.
//
// Sandbox time may be moved, or come from a test's injected clock that does not notify us. So `wake` is also called
// four times a second.

import { setTimeout as sleep } from 'node:timers/promises'
import type Stripe from 'stripe'
import type { Clock } from '../store/clock.ts'
import { newId } from '../store/ids.ts'
import type { DeliveryStatus } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import { postWebhook, signatureOf } from './post-webhook.ts'

/** The destination of events. */
export interface WebhookEndpoint {
  /** An http or https address. */
  url: string
  /** Each secret signs every event. There are two during a rotation. */
  secrets: string[]
  /** The event types to send. Default: all. */
  enabledEvents?: string[]
}

/** How new events are treated: sent, held until released, or lost. */
export type WebhookMode = 'deliver' | 'hold' | 'drop'

/** The response to one event released by a test; null means no response. */
export interface Released {
  event: string
  status: number | null
}

const underWayAtOnce = 8
/** The concurrency of a release, for tests in which everything arrives at once. */
const releasedAtOnce = 20
const giveUpAfterMs = 3 * 24 * 60 * 60 * 1000
const secondMs = 1000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
// Stripe does not publish its own gaps. The last one repeats.
const gapsMs = [
  secondMs,
  5 * secondMs,
  30 * secondMs,
  2 * minuteMs,
  10 * minuteMs,
  hourMs,
  3 * hourMs,
  6 * hourMs,
  12 * hourMs,
]

/** The sandbox's webhooks. */
export class Webhooks {
  readonly #store: Store
  readonly #clock: Clock
  readonly #stopping: AbortSignal
  readonly #failed: (error: unknown) => void
  readonly #underWay = new Map<string, Promise<void>>()
  #releasing = 0
  #endpoint: WebhookEndpoint | null = null
  #mode: WebhookMode = 'deliver'

  /** `failed` receives errors of the sandbox itself; an endpoint that does not respond is not one. */
  constructor(store: Store, clock: Clock, stopping: AbortSignal, failed: (error: unknown) => void) {
    this.#store = store
    this.#clock = clock
    this.#stopping = stopping
    this.#failed = failed
  }

  /** Where events are sent; null is nowhere. */
  get endpoint(): WebhookEndpoint | null {
    return this.#endpoint
  }

  /** How new events are treated. A change does not affect events that already wait. */
  get mode(): WebhookMode {
    return this.#mode
  }

  set mode(mode: WebhookMode) {
    this.#mode = mode
  }

  /** How many deliveries are being attempted. */
  get underWay(): number {
    return this.#underWay.size + this.#releasing
  }

  /** Registers the endpoint until the sandbox stops, replacing the previous one; null removes it. */
  register(endpoint: WebhookEndpoint | null): void {
    const problem = endpoint && endpointProblem(endpoint)
    if (problem) throw new Error(problem)
    this.#endpoint = endpoint
    this.wake()
  }

  /** Queues an event. Must be called in the transaction that writes it. */
  happened({ id, type }: Pick<Stripe.Event, 'id' | 'type'>): void {
    if (!this.#endpoint || this.#endpoint.enabledEvents?.includes(type) === false) return
    const now = this.#now()
    switch (this.#mode) {
      case 'deliver':
        this.#store.deliveries.add(id, 'pending', now)
        // If the commit fails, the request reports it, and there is nothing to send.
        this.#store.committed().then(
          () => this.wake(),
          () => undefined,
        )
        return
      case 'hold':
        this.#store.deliveries.add(id, 'held', now)
        return
      case 'drop':
        this.#store.deliveries.add(id, 'dropped', now)
        return
      default:
        this.#mode satisfies never
    }
  }

  /** Starts due deliveries as far as there is room. */
  wake(): void {
    if (!this.#endpoint || this.#stopping.aborted || this.#underWay.size >= underWayAtOnce) return
    // Those under way are still due, so read twice as many as there can be room for.
    const waiting = this.#store.deliveries.due(this.#now(), 2 * underWayAtOnce).filter((id) => !this.#underWay.has(id))
    for (const id of waiting.slice(0, underWayAtOnce - this.#underWay.size)) {
      const delivery = this.#deliver(id).then(
        () => {
          this.#underWay.delete(id)
          this.wake()
        },
        (error) => {
          this.#underWay.delete(id)
          this.#failed(error)
        },
      )
      this.#underWay.set(id, delivery)
    }
  }

  /** Sends events now, whatever their status, in the given order, sequentially unless `concurrent`. */
  async release(events: string[], concurrent: boolean): Promise<Released[]> {
    const results: Released[] = []
    const queue = events.entries()
    const worker = async () => {
      for (const [index, event] of queue) results[index] = { event, status: await this.#deliver(event) }
    }
    this.#releasing += 1
    try {
      await Promise.all(Array.from({ length: concurrent ? releasedAtOnce : 1 }, worker))
    } finally {
      this.#releasing -= 1
    }
    return results
  }

  /** Sends a made-up event once, without storing or retrying it. Missing fields are filled in. */
  async send(given: Record<string, unknown>, apiVersion: string): Promise<Released> {
    const event = {
      id: newId('evt'),
      object: 'event',
      api_version: apiVersion,
      created: this.#clock.unixSeconds(),
      data: { object: {} },
      livemode: false,
      pending_webhooks: 1,
      request: { id: null, idempotency_key: null },
      type: 'sandbox.event',
      ...given,
    }
    this.#releasing += 1
    try {
      return { event: String(event.id), status: await this.#post(event) }
    } finally {
      this.#releasing -= 1
    }
  }

  /** Waits until nothing is pending or under way, for at most this many milliseconds; returns whether that is so. */
  async settled(withinMs: number): Promise<boolean> {
    const end = performance.now() + withinMs
    for (;;) {
      await this.#store.committed()
      if (this.underWay === 0 && this.#store.deliveries.count('pending') === 0) return true
      if (performance.now() > end || this.#stopping.aborted) return false
      await sleep(5)
    }
  }

  /** Resolves when no attempt is under way; for a sandbox that is stopping. */
  async ended(): Promise<void> {
    await Promise.all(this.#underWay.values())
    while (this.#releasing > 0) await sleep(5)
  }

  async #deliver(id: string): Promise<number | null> {
    const event = this.#store.events.get(id)
    if (!event) return null
    const answered = await this.#post({ ...event, pending_webhooks: 1 })
    // An attempt cut off by a stop is not the endpoint's failure: the event is sent again after the start.
    if (this.#stopping.aborted && answered === null) return null
    this.#store.transaction(() => this.#record(id, answered))
    return answered
  }

  #record(id: string, answered: number | null): void {
    const before = this.#store.deliveries.find(id)
    if (!before) return
    const at = this.#now()
    const next = this.#afterAttempt(before, answered, at)
    this.#store.deliveries.record(id, { ...next, lastStatus: answered, at })
  }

  #afterAttempt(
    before: { status: DeliveryStatus; attempts: number; queuedAt: number },
    answered: number | null,
    at: number,
  ): { status: DeliveryStatus; nextAt: number | null } {
    const done = answered !== null && answered >= 200 && answered < 300
    if (done || before.status === 'delivered') return { status: 'delivered', nextAt: null }
    const nextAt = at + (gapsMs[before.attempts] ?? gapsMs.at(-1)!)
    return nextAt > before.queuedAt + giveUpAfterMs
      ? { status: 'given-up', nextAt: null }
      : { status: 'pending', nextAt }
  }

  // Indented by two, as Stripe's bodies are: code that parses and re-serialises the body gets a different
  // signature.
  async #post(event: object): Promise<number | null> {
    if (!this.#endpoint) return null
    const body = JSON.stringify(event, null, 2)
    const signature = signatureOf(body, this.#endpoint.secrets, this.#clock.unixSeconds())
    return postWebhook(this.#endpoint.url, body, signature, this.#stopping)
  }

  #now(): number {
    return this.#clock.now().getTime()
  }
}

function endpointProblem({ url, secrets }: WebhookEndpoint): string | undefined {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    return `A webhook endpoint's url must be an http or https address; '${url}' is not.`
  }
  if (secrets.length === 0 || secrets.some((secret) => secret === '')) {
    return 'A webhook endpoint needs at least one secret, and none may be empty.'
  }
  return undefined
}
