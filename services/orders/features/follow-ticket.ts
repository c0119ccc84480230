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
import { type Copied, mirror } from '@aisle/kit/bus/reaction'
import type { Sql } from '@aisle/kit/db/database'
import type { OrdersService } from '../context.ts'

const messages = [TicketCreated, TicketUpdated, TicketReserved, TicketReleased, TicketSold, TicketWithdrawn]

export const followTicket = mirror(messages, (tx, states, { arrivals }: OrdersService, { again }) => {
  tx.send(copy(tx.sql, states.map(rowOf), again))
  tx.afterCommit(() => {
    for (const { data } of states) arrivals.notify(data.id)
  })
})

const rowOf = ({
  data: { id, version, status, seller, title, price, currency, event, seat },
}: Copied<TicketState>) => ({
  id,
  version,
  status,
  seller_id: seller.id,
  title,
  price,
  currency,
  event,
  seat,
})

function copy(sql: Sql, tickets: readonly object[], again: boolean) {
  return sql`
    insert into tickets as t (id, version, status, seller_id, title, price, currency, event, seat)
    select * from jsonb_to_recordset(${JSON.stringify(tickets)}::text::jsonb) as ticket (id uuid, version integer,
      status text, seller_id uuid, title text, price integer, currency text, event jsonb, seat jsonb)
    on conflict on constraint tickets_pkey do update set
      version = excluded.version, status = excluded.status, seller_id = excluded.seller_id, title = excluded.title,
      price = excluded.price, currency = excluded.currency, event = excluded.event, seat = excluded.seat
    where t.version < excluded.version or ${again}`
}
