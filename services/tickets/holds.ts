// What tickets holds about a person.

import type { Held } from '@aisle/kit/boot/held'

export const holds: readonly Held[] = [
  {
    part: 'listings',
    key: 'id',
    tables: ['tickets', 'users'],
    select: (sql, userId) => sql`
      select t.id as key, t.id, t.title, t.description, t.price, t.currency, t.seat ->> 'section' as section,
        t.seat ->> 'row' as row, t.seat ->> 'number' as seat, e.name as event, e.venue, e.starts_at, t.status,
        t.takedown_reason, t.refunded_at, t.created_at, t.updated_at
      from tickets t left join events e on e.id = t.event_id where t.seller_id = ${userId}`,
  },
]
