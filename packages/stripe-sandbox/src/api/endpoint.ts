// The shape of an API route. `prepare` reads the parameters and may refuse them; what it returns does the work. The two
// are apart because Stripe saves an answer under an idempotency key only once the work has begun.

import type { Answer, Call } from './call.ts'
import type { FormTree } from './form.ts'

/** A route of Stripe's API. */
export interface Endpoint {
  method: 'GET' | 'POST'
  /** With `:id` where an object's id stands. */
  path: string
  /** What fault switches call it, such as `payment_intents.capture`. */
  name: string
  prepare(request: { params: FormTree; id: string }): (call: Call) => Answer
}
