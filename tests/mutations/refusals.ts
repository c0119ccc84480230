// Guards for what a sale must refuse.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const refusals: Mutation[] = [
  {
    guard: 'no reservation of a ticket whose event has begun',
    away: 'orders reserves it',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: "if (hasBegun(ticket, now)) return refuse('event-begun')",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/begun-events'],
  },
  {
    guard: 'no payment is accepted once the event has begun',
    away: 'it is, as before',
    edits: [
      {
        file: 'services/orders/order.ts',
        from: "if (hasBegun(order, action.at)) return { move: 'cancelled', reason: 'event-begun' }",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/begun-events'],
  },
  {
    guard: 'a window ends when the event begins',
    away: 'it goes on',
    edits: [
      {
        file: 'services/orders/order.ts',
        from: 'event === null ? end : new Date(Math.min(end.getTime(), Date.parse(event.startsAt)))',
        to: 'event === null ? end : end',
      },
    ],
    seenBy: ['tests/journeys/begun-events'],
  },
  {
    guard: 'unique index `tickets_one_per_seat`',
    away: 'not unique, and its `on conflict` gone',
    edits: [
      {
        file: 'services/tickets/migrations/0011_one_per_seat.sql',
        from: 'create unique index tickets_one_per_seat',
        to: 'create index tickets_one_per_seat',
      },
      {
        file: 'services/tickets/features/list-ticket.ts',
        from: `    on conflict (event_id, seat_key)
      where seat_key <> '' and refunded_at is null and status in ('listed', 'reserved', 'sold') do nothing`,
        to: '',
      },
    ],
    seenBy: ['tests/journeys/same-seat'],
  },
  {
    guard: "the lock by which a buyer's reservations take turns",
    away: 'they count what they hold at the same time',
    edits: [
      {
        file: 'services/orders/holdings.ts',
        from: 'select pg_advisory_xact_lock(hashtextextended(${`buyer ${buyerId}`}, 0))',
        to: 'select hashtextextended(${`buyer ${buyerId}`}, 0)',
      },
    ],
    seenBy: ['tests/journeys/holding-limits'],
  },
  {
    guard: 'nobody reserves at another price than they saw',
    away: 'the price in the request is not looked at',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: 'if (body.price !== undefined && (body.price !== price || body.currency !== currency))',
        to: 'if (body.price === 0)',
      },
    ],
    seenBy: ['tests/journeys/selling'],
  },
  {
    guard: 'of two words about a refund, tickets takes the newer',
    away: 'it takes the one that comes last',
    edits: [
      {
        file: 'services/tickets/follow-refund.ts',
        from: 'and t.held_version < ${order.version}`',
        to: '`',
      },
    ],
    seenBy: ['tests/out-of-order', 'tests/reactions'],
  },
  {
    guard: 'a seat that was listed again stays so when the refund fails',
    away: 'it is taken back',
    edits: [
      {
        file: 'services/tickets/follow-refund.ts',
        from: '${refundedAt === null ? sql`and ${isFree}` : sql``}',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/same-seat'],
  },
  {
    guard: 'no price below the smallest charge of its currency',
    away: 'one smallest price for all',
    edits: [
      { file: 'services/tickets/describe-ticket.ts', from: 'if (price >= least) return null', to: 'return null' },
    ],
    seenBy: ['tests/journeys/selling'],
  },
]
