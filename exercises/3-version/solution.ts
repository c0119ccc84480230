// Of two states of a ticket the one with the higher version is the newer, whichever comes first. The condition is part
// of the statement: between a look at the version and the update, another transaction may have changed it.
//
// If the other service was restored, its versions count from an earlier one again, and what it says is right.

import type { TicketState } from '@aisle/contracts/messages/tickets'
import type { Tx } from '@aisle/kit/db/database'

export async function copyTicket({ sql }: Tx, ticket: TicketState, again: boolean): Promise<void> {
  await sql`
    insert into tickets as t (id, version, price, status)
    values (${ticket.id}, ${ticket.version}, ${ticket.price}, ${ticket.status})
    on conflict (id) do update set version = excluded.version, price = excluded.price, status = excluded.status
    where t.version < excluded.version or ${again}`
}
