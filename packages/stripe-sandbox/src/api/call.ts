// What a handler receives for one request, and what it returns.

import type { Store } from '../store/store.ts'
import type { Webhooks } from '../webhooks/deliver-webhooks.ts'

/** One request, or one planned change, in progress. */
export interface Call {
  store: Store
  /** Receives every event. */
  webhooks: Pick<Webhooks, 'happened'>
  /** Sandbox time, Unix seconds. */
  now: number
  requestId: string | null
  idempotencyKey: string | null
  /** The base URL at which a browser reaches the sandbox, without a trailing slash. */
  publicUrl: string
}

/** An HTTP response. A decline is a response, not an exception: its changes are kept. */
export interface Answer {
  status: number
  body: object
}

/** The usual response. */
export function ok(body: object): Answer {
  return { status: 200, body }
}
