// Mirrors tickets. Newer versions win, so messages in any order, with gaps or repetitions, converge on the
// state of the source.

import {
  TicketCreated,
  TicketReleased,
  TicketReserved,
  TicketSold,
  type TicketState,
  TicketUpdated,
  TicketWithdrawn,
} from '@aisle/contracts/messages/tickets'
import { mirror } from '@aisle/kit/bus/consumer'
import type { Sql } from '@aisle/kit/db/database'
import type { OrdersService } from '../context.ts'

const messages = [TicketCreated, TicketUpdated, TicketReserved, TicketReleased, TicketSold, TicketWithdrawn]

export const followTicket = messages.map((message) =>
  mirror(message, async (tx, { data }, { arrivals }: OrdersService, { again }) => {
    tx.send(copy(tx.sql, data, again))
    tx.afterCommit(() => arrivals.notify(data.id))
  }),
)

function copy(sql: Sql, ticket: TicketState, again: boolean) {
  const { id, version, status, seller, title, price, currency, event, seat } = ticket
  return sql`
    insert into tickets as t (id, version, status, seller_id, title, price, currency, event, seat)
    values (${id}, ${version}, ${status}, ${seller.id}, ${title}, ${price}, ${currency},
      ${event ? JSON.stringify(event) : null}::text::jsonb, ${seat ? JSON.stringify(seat) : null}::text::jsonb)
    on conflict on constraint tickets_pkey do update set
      version = excluded.version, status = excluded.status, seller_id = excluded.seller_id, title = excluded.title,
      price = excluded.price, currency = excluded.currency, event = excluded.event, seat = excluded.seat
    where t.version < excluded.version or ${again}`
}
