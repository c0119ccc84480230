// What `npm run events -- snapshot tickets` publishes: every ticket as it is.

import { TicketReserved, TicketSold, TicketUpdated, TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import type { SnapshotPart } from '@aisle/kit/bus/snapshot'
import { type TicketRow, ticketColumns, ticketJoins, toState } from './queries.ts'

/** The message that carries the state of a ticket in each status. */
export const messageOf = {
  listed: TicketUpdated,
  reserved: TicketReserved,
  sold: TicketSold,
  withdrawn: TicketWithdrawn,
}

export const everyTicket: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<TicketRow[]>`
    select ${ticketColumns(sql)} from tickets t ${ticketJoins(sql)} where t.id > ${after} order by t.id limit ${limit}`
  return rows.map((row) => ({ id: row.id, message: messageOf[row.status], data: toState(row) }))
}
