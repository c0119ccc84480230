// What payments holds about a person.

import type { Held } from '@aisle/kit/boot/held'

export const holds: readonly Held[] = [
  {
    part: 'payments',
    key: 'id',
    tables: ['payments', 'orders', 'work'],
    select: (sql, userId) => sql`
      select p.id as key, p.id, o.number, p.status, p.method, p.amount, p.currency, p.amount_refunded,
        p.decline_code, p.stripe_id, p.address, p.created_at, p.updated_at
      from orders o join payments p on p.order_id = o.id where o.buyer_id = ${userId}`,
  },
  {
    part: 'refunds',
    key: 'id',
    tables: ['refunds'],
    select: (sql, userId) => sql`
      select r.id as key, r.id, o.number, r.status, r.amount, p.currency, r.created_at, r.updated_at
      from orders o join payments p on p.order_id = o.id join refunds r on r.payment_id = p.id
      where o.buyer_id = ${userId}`,
  },
  {
    part: 'declined-cards',
    key: 'text',
    tables: ['declines'],
    select: (sql, userId) => sql`select id as key, address, at from declines where buyer_id = ${userId}`,
  },
  {
    part: 'earnings',
    key: 'id',
    tables: ['ledger'],
    select: (sql, userId) => sql`
      select l.id as key, l.kind, o.number, l.currency, -l.seller as amount, -l.platform as fee, l.booked_at
      from ledger l left join orders o on o.id = l.order_id where l.seller_id = ${userId}`,
  },
  {
    part: 'balance',
    key: 'text',
    tables: ['balances', 'balance_changes'],
    select: (sql, userId) => sql`
      select currency as key, currency, sum(sold)::float8 as sold, sum(fees)::float8 as fees,
        sum(refunded)::float8 as refunded, sum(due)::float8 as due
      from (select * from balances union all select * from balance_changes) b
      where seller_id = ${userId} group by currency`,
  },
]
