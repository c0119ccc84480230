// Keeps a copy of the tickets of another service. Messages about one ticket may come late: one that has failed is tried
// again after those that follow it.

import type { TicketState } from '@aisle/contracts/messages/tickets'
import type { Tx } from '@aisle/kit/db/database'

/** `again` is true while the outbox is read again because the other service was restored: see `mirror` in kit/bus. */
export async function copyTicket({ sql }: Tx, ticket: TicketState, _again: boolean): Promise<void> {
  await sql`
    insert into tickets as t (id, version, price, status)
    values (${ticket.id}, ${ticket.version}, ${ticket.price}, ${ticket.status})
    on conflict (id) do update set version = excluded.version, price = excluded.price, status = excluded.status`
}
