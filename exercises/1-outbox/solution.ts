// The message is a row of the outbox, in the transaction of the fact: both are committed, or neither. Whatever carries
// it to the others (kit/bus) reads the outbox, now or after a restart.

import { type TicketState, TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import type { Database } from '@aisle/kit/db/database'

export async function withdraw(db: Database, ticket: TicketState): Promise<void> {
  await db.tx(async (tx) => {
    await tx.sql`update tickets set status = 'withdrawn', version = ${ticket.version} where id = ${ticket.id}`
    tx.emit(TicketWithdrawn, ticket.id, ticket)
  })
}
