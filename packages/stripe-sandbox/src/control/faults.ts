// Fault switches: what goes wrong, on which requests, and how many times. They exist only in the process, so a
// restarted sandbox answers normally.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../api/call.ts'
import { docUrl, type ErrorType } from '../api/errors.ts'

/** Which requests a fault applies to; a missing field matches everything. */
export interface FaultTarget {
  method: string | null
  /** Matched against the path, without the query. */
  path: RegExp | null
  /** The route's name, such as `payment_intents.capture`. */
  route: string | null
}

/**
 * What goes wrong.
 * - `drop-before`: the connection breaks before anything is done.
 * - `drop-after-commit`: everything is done and saved, then the connection breaks without a response.
 * - `status`: an error response, `before` (nothing is done) or `after` (everything is done and saved).
 * - `latency`: the response takes longer; an idempotency key is in use meanwhile.
 */
export type FaultEffect =
  | { kind: 'drop-before' }
  | { kind: 'drop-after-commit' }
  | { kind: 'latency'; ms: number }
  | { kind: 'status'; status: FaultStatus; code: string | null; declineCode: string | null; when: 'before' | 'after' }

/** The error statuses that a fault can return. */
export const faultStatuses = [400, 402, 409, 429, 500, 502, 503, 504] as const
export type FaultStatus = (typeof faultStatuses)[number]

/** An active fault; `times` is how often it is still to happen, -1 for always. */
export interface Fault {
  id: number
  target: FaultTarget
  effect: FaultEffect
  times: number
}

/** The active faults. */
export class Faults {
  #faults: Fault[] = []
  #lastId = 0
  readonly #delays = new Set<{ route: string; end: AbortController }>()

  /** Switches a fault on. */
  add(target: FaultTarget, effect: FaultEffect, times: number): Fault {
    this.#lastId += 1
    const fault = { id: this.#lastId, target, effect, times }
    this.#faults.push(fault)
    return fault
  }

  /** The active faults, oldest first. */
  list(): readonly Fault[] {
    return this.#faults
  }

  /** Switches off the faults for `route`, or all, and ends their delays; returns how many faults there were. */
  clear(route: string | null = null): number {
    const left = route === null ? [] : this.#faults.filter(({ target }) => target.route !== route)
    const count = this.#faults.length - left.length
    this.#faults = left
    for (const delay of this.#delays) if (route === null || delay.route === route) delay.end.abort()
    return count
  }

  /** Delays a request if a fault demands it, at most until `stopping`. */
  async delay(request: { method: string; path: string; route: string }, stopping: AbortSignal): Promise<void> {
    const effect = this.take('latency', request)
    if (!effect) return
    const delay = { route: request.route, end: new AbortController() }
    this.#delays.add(delay)
    const signal = AbortSignal.any([stopping, delay.end.signal])
    await sleep(effect.ms, undefined, { signal }).catch(() => undefined)
    this.#delays.delete(delay)
  }

  /** The oldest fault of a kind for a request; counts it as used. */
  take<Kind extends FaultEffect['kind']>(
    kind: Kind,
    request: { method: string; path: string; route: string },
  ): Extract<FaultEffect, { kind: Kind }> | undefined {
    // Almost always empty, and this runs several times per request.
    if (this.#faults.length === 0) return undefined
    const fault = this.#faults.find((candidate) => candidate.effect.kind === kind && matches(candidate.target, request))
    if (!fault) return undefined
    if (fault.times > 0) fault.times -= 1
    if (fault.times === 0) this.#faults = this.#faults.filter((other) => other !== fault)
    return fault.effect as Extract<FaultEffect, { kind: Kind }>
  }
}

/** The error returned by a status fault. */
export function faultAnswer(effect: Extract<FaultEffect, { kind: 'status' }>): Answer {
  const { type, code, declineCode } = defaults(effect.status)
  const sentCode = effect.code ?? code
  const sentDeclineCode = effect.declineCode ?? (effect.code === null ? declineCode : null)
  return {
    status: effect.status,
    body: {
      error: {
        type,
        message: `The sandbox was told to answer ${effect.status} here.`,
        ...(sentCode === null ? {} : { code: sentCode, doc_url: docUrl(sentCode) }),
        ...(sentDeclineCode === null ? {} : { decline_code: sentDeclineCode }),
      },
    },
  }
}

/**
 * Whether Stripe saves an answer under the idempotency key. 409 and 429 are returned before the work starts,
 * and 502 to 504 come from a proxy in front of the API, so the same key works later. A 400, 402 or 500 is the
 * key's final answer.
 */
export function isSaved(status: FaultStatus): boolean {
  return status === 400 || status === 402 || status === 500
}

function defaults(status: FaultStatus): { type: ErrorType; code: string | null; declineCode: string | null } {
  switch (status) {
    case 400:
      return { type: 'invalid_request_error', code: null, declineCode: null }
    case 402:
      return { type: 'card_error', code: 'card_declined', declineCode: 'generic_decline' }
    case 409:
      return { type: 'idempotency_error', code: 'idempotency_key_in_use', declineCode: null }
    case 429:
      return { type: 'invalid_request_error', code: 'rate_limit', declineCode: null }
    case 500:
    case 502:
    case 503:
    case 504:
      return { type: 'api_error', code: null, declineCode: null }
    default:
      return status satisfies never
  }
}

function matches(target: FaultTarget, request: { method: string; path: string; route: string }): boolean {
  return (
    (target.method === null || target.method === request.method) &&
    (target.route === null || target.route === request.route) &&
    (target.path === null || target.path.test(request.path))
  )
}
