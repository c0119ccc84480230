// A seller lists a ticket. From the commit on it is for sale; orders hears of it by ticket:created.

import { listTicket as endpoint } from '@aisle/contracts/api/tickets'
import { TicketCreated } from '@aisle/contracts/messages/tickets'
import { isRefusal } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { describeTicket, ticketVector } from '../describe-ticket.ts'
import { findOrMakeEvent } from '../find-event.ts'
import { readTicket, ticketTag, toState, toTicket } from '../queries.ts'

export const listTicket = command(endpoint, async (tx, { body, session, now }, { newId }: TicketsService) => {
  const { sql } = tx
  const event = await findOrMakeEvent(sql, body, now, newId)
  if (isRefusal(event)) return event
  const { title, description, price, currency, seat } = describeTicket(body, event)

  // A seller may list before auth's message about them has come; version 0 gives way to it.
  tx.send(
    sql`insert into users (id, version, name) values (${session.userId}, 0, ${session.name}) on conflict on constraint users_pkey do nothing`,
  )
  const id = newId()
  tx.send(sql`
    insert into tickets (id, version, title, description, price, currency, event_id, starts_at, seat, seller_id, status,
      search, search_version, created_at, updated_at)
    values (${id}, 1, ${title}, ${description}, ${price}, ${currency}, ${event?.id ?? null}, ${event?.startsAt ?? null},
      ${seat && JSON.stringify(seat)}::text::jsonb, ${session.userId}, 'listed', ${ticketVector(sql, { title, event })},
      1, ${now}, ${now})`)

  const row = await readTicket(sql, id)
  if (!row) throw new Error(`The ticket ${id} was inserted and is not there.`)
  tx.emit(TicketCreated, id, toState(row))
  return answer(toTicket(row), { headers: { location: `/api/tickets/${id}`, etag: ticketTag(row) } })
})
