// Whether an order stands in the way of the erasure of a user. When none does, the user is marked as closing, and
// neither reserves nor is reserved from. Reservations hold the same locks (reserve-ticket.ts): either the order is
// seen here, or the mark is seen there.

import type { ErasureReasons } from '@aisle/contracts/messages/erasure'
import type { Sql } from '@aisle/kit/db/database'

const mostOfACode = 5
/** An event that began this long ago is over. */
const overAfterMs = 24 * 60 * 60 * 1000

/** What stands in the way. A paid ticket does until its event is over: its buyer needs the order, and the seller. */
export async function openOrders(sql: Sql, userId: string, now: Date): Promise<ErasureReasons> {
  const over = new Date(now.getTime() - overAfterMs).toISOString()
  const unfinished = sql`status in ('created', 'awaiting:payment', 'paying')`
  // Of a timestamp with time zone, the text in UTC sorts like the moment.
  const ahead = sql`status = 'complete' and event ->> 'startsAt' > ${over}`
  const rows = await sql<{ code: string; subject: string }[]>`
    (select 'order-unfinished' as code, id as subject from orders
      where buyer_id = ${userId} and ${unfinished} order by id limit ${mostOfACode})
    union all
    (select 'sale-unfinished', ticket_id from orders
      where seller_id = ${userId} and ${unfinished} order by id limit ${mostOfACode})
    union all
    (select 'event-ahead', id from orders where buyer_id = ${userId} and ${ahead} order by id limit ${mostOfACode})
    union all
    (select 'sale-event-ahead', ticket_id from orders
      where seller_id = ${userId} and ${ahead} order by id limit ${mostOfACode})`
  return rows.map(({ code, subject }) => ({ code, subject }))
}

/** What a seller's sales hold while they are reserved from: the counterpart of `lockBuyer` (holdings.ts). */
export const lockSellerOf = (sql: Sql, ticketId: string) =>
  sql`
  select pg_advisory_xact_lock_shared(hashtextextended('seller ' || seller_id, 0)) from tickets
  where id = ${ticketId}`.execute()

/**
 * Keeps the user from reserving and being reserved from until the end of the transaction. False, with a part of the
 * locks, while a reservation is being made: a wait would hold back the message log, and could end in a deadlock.
 */
export async function tryLockTrade(sql: Sql, userId: string): Promise<boolean> {
  const [row] = await sql<[{ isFree: boolean }]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`buyer ${userId}`}, 0))
      and pg_try_advisory_xact_lock(hashtextextended(${`seller ${userId}`}, 0)) as is_free`
  return row.isFree
}
