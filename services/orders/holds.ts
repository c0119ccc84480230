// What orders holds about a person.

import type { Held } from '@aisle/kit/boot/held'

export const holds: readonly Held[] = [
  {
    part: 'bought',
    key: 'id',
    tables: ['orders'],
    select: (sql, userId) => sql`
      select id as key, id, number, title, price, currency, event ->> 'name' as event, event ->> 'venue' as venue,
        status, reason, cancel_note, created_at, updated_at
      from orders where buyer_id = ${userId}`,
  },
  {
    part: 'sold',
    key: 'id',
    tables: ['orders'],
    select: (sql, userId) => sql`
      select id as key, id, number, title, price, currency, status, reason, created_at, updated_at
      from orders where seller_id = ${userId}`,
  },
  {
    part: 'steps',
    key: 'text',
    tables: ['order_steps'],
    select: (sql, userId) => sql`
      select o.id || ' ' || lpad(s.version::text, 10, '0') as key, o.number, s.status, s.reason, s.at
      from orders o join order_steps s on s.order_id = o.id where o.buyer_id = ${userId}`,
  },
]
