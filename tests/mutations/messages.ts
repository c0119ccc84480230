// What keeps messages whole, in their order, and applied once.

import type { Mutation } from './mutation.ts'

export const messages: Mutation[] = [
  {
    guard: 'the inbox record',
    away: 'every message is taken for a new one',
    edits: [
      {
        file: 'kit/bus/consumer.ts',
        from: 'on conflict do nothing returning message_id',
        to: 'on conflict (message_id) do update set consumed_at = now() returning message_id',
      },
    ],
    seenBy: ['tests/reactions', 'kit/bus'],
  },
  {
    guard: 'the version check of a mirror',
    away: 'payments takes any news of an order',
    edits: [{ file: 'services/payments/features/follow-order.ts', from: 'where o.version < excluded.version', to: '' }],
    seenBy: ['tests/reactions', 'tests/out-of-order'],
  },
  {
    guard: 'a connection that is lost is thrown away',
    away: "statements run in postgres.js's own pool",
    edits: [
      {
        file: 'kit/db/connect.ts',
        from: 'if (result instanceof Promise) Object.assign(result, { handler: lines.run })',
        to: '',
      },
    ],
    seenBy: ['kit/db/lost-connection'],
  },
]
