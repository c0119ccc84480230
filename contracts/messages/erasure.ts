// What a service answers when an account is to be erased.

import { Id, type Static, Type, Version } from '../schema.ts'

/** Counts how often the erasure of a user was asked for: an answer to an earlier time counts for nothing. */
export const AskVersion = Type.Integer({
  ...Version,
  description: 'counts how often the erasure of the user was asked for',
})

/** What stands in the way of an erasure. */
export const ErasureReasons = Type.Array(
  Type.Object({
    code: Type.String({
      description:
        'balance-due, or one of order-unfinished, event-ahead, payment-open, refund-open; of a sale: sale-unfinished, sale-event-ahead, sale-payment-open, sale-refund-open; more may come',
    }),
    subject: Type.Optional(Type.String({ ...Id, description: 'the order; for a sale, the ticket' })),
  }),
  { description: 'what stands in the way; at most a few of each code' },
)

export type ErasureReasons = Static<typeof ErasureReasons>

export const ErasureAnswer = Type.Object({ userId: Id, version: AskVersion, reasons: ErasureReasons })
