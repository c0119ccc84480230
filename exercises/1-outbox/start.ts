// A seller takes a ticket off sale, and the other services hear of it. The process may end between any two lines.

import type { TicketState } from '@aisle/contracts/messages/tickets'
import type { Database } from '@aisle/kit/db/database'

/** Sends a message to the other services, over a network. */
export type Publish = (ticket: TicketState) => Promise<void>

export async function withdraw(db: Database, ticket: TicketState, publish: Publish): Promise<void> {
  await db.tx(async (tx) => {
    await tx.sql`update tickets set status = 'withdrawn', version = ${ticket.version} where id = ${ticket.id}`
  })
  await publish(ticket)
}
