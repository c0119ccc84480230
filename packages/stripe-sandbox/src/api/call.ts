// What a handler is given for one request, and what it gives back.

import type { Store } from '../store/store.ts'
import type { Webhooks } from '../webhooks/deliver-webhooks.ts'

/** One request, or one planned change, in progress. */
export interface Call {
  store: Store
  /** Is told of every event. */
  webhooks: Pick<Webhooks, 'happened'>
  /** Sandbox time, Unix seconds. */
  now: number
  requestId: string | null
  idempotencyKey: string | null
  /** Where a browser reaches the sandbox, without a slash at the end. */
  publicUrl: string
}

/** An HTTP answer. A decline is an answer, not an exception: what it changed is kept. */
export interface Answer {
  status: number
  body: object
}

/** The usual answer. */
export function ok(body: object): Answer {
  return { status: 200, body }
}
