// Every action on a payment in every status, and every state of the provider's: what docs/states.md shows and the
// tests go through.

import { PaymentStatus } from '@aisle/contracts/entities'
import { next, type PaymentAction } from './payment.ts'
import { judge, type OrderKnown, type Seen } from './stripe/judge.ts'

/** An example of each action. */
export const actions = {
  authorize: { type: 'authorize' },
  decline: { type: 'decline', last: false },
  'decline for the last time': { type: 'decline', last: true },
  capture: { type: 'capture' },
  'fail the capture': { type: 'fail-capture' },
  void: { type: 'void' },
  'refund a part': { type: 'refund', whole: false },
  'refund the whole': { type: 'refund', whole: true },
  'fail a refund': { type: 'fail-refund' },
} satisfies Record<string, PaymentAction>

export const statuses = PaymentStatus.enum

/** Which action moves a payment from which status to which, as `next` decides. */
export const paymentMoves = statuses.flatMap((from) =>
  Object.entries(actions).flatMap(([by, action]) => {
    const to = next(from, action)
    return to === null ? [] : [{ from, to, by }]
  }),
)

/** The intent of the example payment at the provider. */
export const exampleIntent = (status: string, more: Partial<NonNullable<Seen['intent']>> = {}) => ({
  id: 'pi_own',
  status,
  amount: 4500,
  currency: 'eur',
  ...more,
})

export const examplePayment = (status: (typeof statuses)[number]) => ({
  id: 'own',
  status,
  amount: 4500,
  currency: 'eur',
  stripeId: status === 'created' ? null : 'pi_own',
})

const seen = (status: string): Seen => ({ page: null, intent: exampleIntent(status) })
const seenStates: Record<string, Seen> = {
  'not authorised yet': seen('requires_payment_method'),
  'page expired': { page: 'expired', intent: null },
  requires_capture: seen('requires_capture'),
  succeeded: seen('succeeded'),
  canceled: seen('canceled'),
}
const knownOrders: Record<string, OrderKnown> = {
  waiting: { status: 'awaiting:payment', paymentId: null },
  accepted: { status: 'paying', paymentId: 'own' },
  lost: { status: 'cancelled', paymentId: null },
}

/** What `judge` makes of each status of ours, each state at the provider, and what became of the order. */
export const verdicts = statuses.flatMap((ours) =>
  Object.entries(seenStates).flatMap(([theirs, seen]) =>
    Object.entries(knownOrders).map(([order, known]) => ({
      ours,
      theirs,
      order,
      verdict: judge(examplePayment(ours), known, seen),
    })),
  ),
)
