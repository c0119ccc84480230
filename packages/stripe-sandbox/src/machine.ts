// What a running sandbox is made of, and how a piece of its work begins.

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
  /** Where browsers reach the sandbox, without a slash at the end; known once the server listens. */
  publicUrl(): string
  /** Ends delays and deliveries early when the sandbox stops. */
  stopping: AbortSignal
}

/** One request, page or planned change begins; `requestId` is null for what is not a request of the API. */
export function beginCall(
  { store, clock, webhooks, publicUrl }: Machine,
  requestId: string | null = null,
  idempotencyKey: string | null = null,
): Call {
  return { store, webhooks, now: clock.unixSeconds(), requestId, idempotencyKey, publicUrl: publicUrl() }
}
