// Withdraws what an erased seller has on sale, and takes away what they wrote, a batch per transaction. Titles of sold
// tickets stay: they are what the buyers' orders are for. Finds sellers by users_erasure_open, which is empty most of
// the time. A reserved ticket follows when its order releases it (release-ticket.ts); until then its seller is passed
// over, so that an order that never ends holds up nobody else.

import type { Job } from '@aisle/kit/boot/service'
import type { Sql } from '@aisle/kit/db/database'
import type { TicketsService } from './context.ts'
import { type TicketRow, ticketColumns, ticketJoins, toState } from './queries.ts'
import { messageOf } from './snapshot.ts'
import { moves } from './ticket.ts'

const ticketsAtOnce = 100
/** Covers a process that received the erasure and died before it was done. */
const everyMs = 1_000

export const eraseTickets: Job<TicketsService> = {
  name: 'erase tickets',
  async run({ db, clock }) {
    const [seller] = await db.sql<{ id: string }[]>`
      select id from users where erasure_open
        and (not exists (select from tickets where seller_id = users.id and status = 'reserved')
          or exists (select from tickets where seller_id = users.id and ${isLeft(db.sql)}))
      order by id limit 1`
    if (!seller) return everyMs
    const { id } = seller
    return db.tx(async ({ sql, send, emit }) => {
      const erased = await sql<TicketRow[]>`
        with t as (
          update tickets set title = ${titleAfter(sql)}, search = case when status = 'sold' then search else '' end,
            description = null, takedown_reason = null, version = version + 1, updated_at = ${clock.now()},
            status = case when status = ${moves.withdraw.from} then ${moves.withdraw.to} else status end
          where id = any (array(
              select id from tickets where seller_id = ${id} and ${isLeft(sql)} order by id limit ${ticketsAtOnce}))
            and ${isLeft(sql)}
          returning *)
        select ${ticketColumns(sql)} from t ${ticketJoins(sql)} order by t.id`
      for (const ticket of erased) emit(messageOf[ticket.status], ticket.id, toState(ticket))
      send(sql`
        update users set erasure_open = false
        where id = ${id} and not exists (
          select from tickets where seller_id = ${id} and (status = 'reserved' or ${isLeft(sql)}))`)
      return erased.length > 0 ? 0 : everyMs
    })
  },
  wakeOn: ({ parts }, wake) => parts.erasures.wakes(wake),
}

/** A ticket that was not sold is called what its event is called. */
const titleAfter = (sql: Sql) => sql`
  case when status in ('listed', 'withdrawn')
    then coalesce((select name from events where id = event_id), 'Ticket') else title end`

/** Whether a ticket is on sale, or has what its seller wrote. */
const isLeft = (sql: Sql) => sql`
  (status = 'listed' or description is not null or takedown_reason is not null or title <> ${titleAfter(sql)})`
