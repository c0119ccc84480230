// The parts of a running sandbox, and how a unit of its work starts.

import type { Call } from './api/call.ts'
import type { Faults } from './control/faults.ts'
import type { Clock } from './store/clock.ts'
import type { Store } from './store/store.ts'
import type { Webhooks } from './webhooks/deliver-webhooks.ts'

/** The parts of a running sandbox. */
export interface Machine {
  store: Store
  clock: Clock
  faults: Faults
  webhooks: Webhooks
  /** The base URL for browsers, without a trailing slash; known once the server listens. */
  publicUrl(): string
  /** Ends delays and deliveries early when the sandbox stops. */
  stopping: AbortSignal
}

/** Starts one request, page or planned change. `requestId` is null unless it is a request of the API. */
export function beginCall(
  { store, clock, webhooks, publicUrl }: Machine,
  requestId: string | null = null,
  idempotencyKey: string | null = null,
): Call {
  return { store, webhooks, now: clock.unixSeconds(), requestId, idempotencyKey, publicUrl: publicUrl() }
}
