// Guards that enforce bans and admins’ decisions.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text

import type { Mutation } from './mutation.ts'

export const moderation: Mutation[] = [
  {
    guard: 'who reads why a ticket was taken down',
    away: 'everybody',
    edits: [
      {
        file: 'services/tickets/features/show-ticket.ts',
        from: "session?.userId === row.sellerId || session?.role === 'admin'",
        to: 'true',
      },
    ],
    seenBy: ['tests/journeys/moderation'],
  },
  {
    guard: 'a ticket that was taken down is not listed again when its order ends',
    away: 'listed',
    edits: [
      {
        file: 'services/tickets/features/release-ticket.ts',
        from: 'takedown_reason is not null or ',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/moderation'],
  },
  {
    guard: 'the lock on a seller who lists',
    away: 'the ban is read without it',
    edits: [
      {
        file: 'services/tickets/sellers.ts',
        from: 'where id = ${sellerId} for share',
        to: 'where id = ${sellerId}',
      },
    ],
    seenBy: ['tests/journeys/bans'],
  },
  {
    guard: 'the lock on the seller of a ticket that is released',
    away: 'not taken',
    edits: [
      {
        file: 'services/tickets/features/release-ticket.ts',
        from: '  send(lockSellerOf(sql, ticketId))\n',
        to: '',
      },
    ],
    seenBy: ['tests/journeys/bans'],
  },
  {
    guard: 'a banned seller’s ticket is withdrawn when its order ends',
    away: 'listed',
    edits: [
      {
        file: 'services/tickets/features/release-ticket.ts',
        from: "then ${moves['release and withdraw'].to} else",
        to: 'then ${moves.release.to} else',
      },
    ],
    seenBy: ['tests/out-of-order'],
  },
  {
    guard: 'a banned seller’s tickets are looked for until there are none',
    away: 'once',
    edits: [
      {
        file: 'services/tickets/withdraw-of-banned.ts',
        from: "and not exists (select from tickets where seller_id = ${id} and status = 'listed')",
        to: '',
      },
    ],
    seenBy: ['tests/out-of-order'],
  },
  {
    guard: 'a newer ban wins in tickets',
    away: 'any',
    edits: [
      {
        file: 'services/tickets/features/follow-user.ts',
        from: 'and (u.banned_version < excluded.banned_version or ${again}',
        to: 'and (true or ${again}',
      },
    ],
    seenBy: ['tests/out-of-order'],
  },
  {
    guard: 'an order that was placed during a ban ends when it is held',
    away: 'goes on',
    edits: [
      {
        file: 'services/orders/features/decide-order.ts',
        from: "return banned ? { type: 'ban', whose: banned.whose } : { type: 'hold' }",
        to: "return banned ? { type: 'hold' } : { type: 'hold' }",
      },
    ],
    seenBy: ['tests/out-of-order'],
  },
  {
    guard: 'a banned seller’s unpaid orders are cancelled',
    away: 'the buyer’s alone',
    edits: [
      {
        file: 'services/orders/cancel-of-banned.ts',
        from: 'where seller_id = ${user.id} and ${isUnpaid(db.sql)}\n          order by',
        to: 'where false and seller_id = ${user.id} and ${isUnpaid(db.sql)}\n          order by',
      },
    ],
    seenBy: ['tests/journeys/bans'],
  },
  {
    guard: 'nobody reserves a banned seller’s ticket',
    away: 'refusal gone',
    edits: [
      {
        file: 'services/orders/features/reserve-ticket.ts',
        from: "    if (ticket.banned === 'seller') return refuse('seller-banned')\n",
        to: '',
      },
    ],
    seenBy: ['tests/journeys/bans'],
  },
]
