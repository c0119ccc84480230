// A position is not enough: the outbox may be read again from an earlier one, and two replicas may read the same part.
// So the id of each message is a row of the inbox, in the transaction of the effect. Of two transactions with the same
// id, the second waits for the first and then inserts nothing.

import type { Database } from '@aisle/kit/db/database'
import type { Delivered } from './start.ts'

export async function countSale(db: Database, { position, message }: Delivered): Promise<void> {
  const { sellerId, ticket } = message.data
  await db.tx(async (tx) => {
    await tx.sql`
      insert into cursors (publisher, xid, seq) values ('orders', ${position.xid}::xid8, ${position.seq}::bigint)
      on conflict (publisher) do update set xid = excluded.xid, seq = excluded.seq`
    const fresh = await tx.sql`
      insert into inbox (message_id) values (${message.id}) on conflict do nothing returning message_id`
    if (fresh.length === 0) return
    await tx.sql`
      insert into sums as s (seller_id, total) values (${sellerId}, ${ticket.price})
      on conflict (seller_id) do update set total = s.total + excluded.total`
  })
}
