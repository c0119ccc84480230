// Guards that keep a ticket from being sold twice, and an order from ending twice.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const sales: Mutation[] = [
  {
    guard: 'unique index `orders_one_live_per_ticket`',
    away: 'not unique, and its `on conflict` gone',
    edits: [
      {
        file: 'services/orders/migrations/0001_orders.sql',
        from: 'create unique index orders_one_live_per_ticket',
        to: 'create index orders_one_live_per_ticket',
      },
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: "on conflict (ticket_id) where status <> 'cancelled' do nothing",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/races'],
  },
  {
    guard: 'condition on event and seat in the update that holds a ticket',
    away: 'removed',
    edits: [
      {
        file: 'services/tickets/features/hold-ticket.ts',
        from: 'event_id is not distinct from coalesce(${wanted.eventId}, event_id)',
        to: 'true',
      },
      {
        file: 'services/tickets/features/hold-ticket.ts',
        from: 'seat is not distinct from coalesce(${seat ? JSON.stringify(seat) : null}::text::jsonb, seat)',
        to: 'true',
      },
    ],
    seenBy: ['tests/journeys/reservation'],
  },
  {
    guard: 'unique index `payments_one_live_per_order`',
    away: 'not unique',
    edits: [
      {
        file: 'services/payments/migrations/0001_payments.sql',
        from: 'create unique index payments_one_live_per_order',
        to: 'create index payments_one_live_per_order',
      },
      {
        file: 'services/payments/migrations/0001_payments.sql',
        from: 'constraint payments_attempt_key unique (order_id, attempt),',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/hosted-page', 'tests/journeys/payment'],
  },
  {
    guard: "row lock of an order's decision",
    away: '`lockOrder` without `for update`',
    edits: [
      {
        file: 'services/orders/queries.ts',
        from: 'select * from orders where id = ${id} for update',
        to: 'select * from orders where id = ${id}',
      },
    ],
    seenBy: ['tests/journeys/races', 'tests/journeys/interleavings', 'tests/journeys/reservation'],
  },
  {
    guard: 'the window that waits for our queue',
    away: 'payments does not say that it keeps somebody waiting',
    edits: [
      { file: 'services/payments/jobs/keep-window.ts', from: 'const marginMs = 20_000', to: 'const marginMs = 0' },
    ],
    seenBy: ['tests/journeys/queue'],
  },
  {
    guard: 'row lock of a ticket that its seller changes',
    away: '`lockTicket` without `for update`',
    edits: [
      {
        file: 'services/tickets/queries.ts',
        from: 'select from tickets where id = ${id} for update`',
        to: 'select from tickets where id = ${id}`',
      },
    ],
    seenBy: ['tests/journeys/races'],
  },
  {
    guard: 'a reservation is its buyer’s until its window ends',
    away: 'the next who asks takes it',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: 'if (!ticket.liveStatus || !isUnpaid(ticket.liveStatus) || ticket.liveExpiresAt > now)',
        to: 'if (!ticket.liveStatus || !isUnpaid(ticket.liveStatus))',
      },
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: "decide(inTheWay, { type: 'expire', at: now })",
        to: "{ move: 'cancelled', reason: 'expired' }",
      },
    ],
    seenBy: { histories: { from: 7000, count: 40 } },
  },
]
