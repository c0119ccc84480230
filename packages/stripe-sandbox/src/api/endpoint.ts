// The shape of an API route. `prepare` reads the parameters and may refuse them; the function it returns does
// the work. The two are separate because Stripe saves an answer under an idempotency key only once the work has
// started.

import type { Answer, Call } from './call.ts'
import type { FormTree } from './form.ts'

/** A route of Stripe's API. */
export interface Endpoint {
  method: 'GET' | 'POST'
  /** With `:id` in place of an object's id. */
  path: string
  /** The name for fault switches, such as `payment_intents.capture`. */
  name: string
  prepare(request: { params: FormTree; id: string }): (call: Call) => Answer
}
