// Guards of order numbers: no two are the same, and a mistyped one is found.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const numbers: Mutation[] = [
  {
    guard: 'each order gets another number',
    away: 'a round of the network cannot be undone',
    edits: [
      {
        file: 'services/orders/migrations/0030_numbers.sql',
        from: 'value := high # ((get_byte(hash, 0) << 16',
        to: 'value := 0 # ((get_byte(hash, 0) << 16',
      },
    ],
    seenBy: ['services/orders/number-orders'],
  },
  {
    guard: 'unique index `orders_number_key`',
    away: 'not unique',
    edits: [
      {
        file: 'services/orders/migrations/0031_number_indexes.sql',
        from: 'create unique index orders_number_key',
        to: 'create index orders_number_key',
      },
    ],
    seenBy: ['services/orders/number-orders'],
  },
  {
    guard: 'old orders are numbered by one replica each',
    away: 'nobody locks them',
    edits: [{ file: 'services/orders/number-orders.ts', from: ' for update skip locked', to: '' }],
    seenBy: ['services/orders/number-orders'],
  },
  {
    guard: 'the last character of an order number checks the others',
    away: 'any character will do',
    edits: [{ file: 'contracts/order-number.ts', from: '% readable.length === 0', to: '% readable.length >= 0' }],
    seenBy: ['contracts/order-number'],
  },
  {
    guard: 'a mirror keeps an order’s number',
    away: 'a message of the version before takes it away',
    edits: [
      {
        file: 'services/payments/features/follow-order.ts',
        from: 'number = coalesce(excluded.number, o.number)',
        to: 'number = excluded.number',
      },
    ],
    seenBy: ['tests/journeys/order-numbers'],
  },
  {
    guard: 'a number finds only one’s own orders',
    away: 'it finds those of others',
    edits: [
      {
        file: 'services/orders/features/show-orders.ts',
        from: 'where buyer_id = ${session.userId}',
        to: 'where ${number !== undefined} or buyer_id = ${session.userId}',
      },
    ],
    seenBy: ['tests/journeys/order-numbers'],
  },
]
