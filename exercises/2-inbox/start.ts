// Adds up what each seller has sold, from the messages of orders. It remembers its position in their outbox, so that it
// goes on from there after a restart.

import type { Envelope } from '@aisle/contracts/message'
import type { OrderState } from '@aisle/contracts/messages/orders'
import type { Database } from '@aisle/kit/db/database'

/** A message and where it was in the outbox. */
export type Delivered = { position: { xid: string; seq: string }; message: Envelope<OrderState> }

export async function countSale(db: Database, { position, message }: Delivered): Promise<void> {
  const { sellerId, ticket } = message.data
  await db.tx(async (tx) => {
    await tx.sql`
      insert into cursors (publisher, xid, seq) values ('orders', ${position.xid}::xid8, ${position.seq}::bigint)
      on conflict (publisher) do update set xid = excluded.xid, seq = excluded.seq`
    await tx.sql`
      insert into sums as s (seller_id, total) values (${sellerId}, ${ticket.price})
      on conflict (seller_id) do update set total = s.total + excluded.total`
  })
}
