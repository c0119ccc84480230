// A seller lists a ticket. From the commit on it is for sale; orders hears of it by ticket:created.

import { listTicket as endpoint } from '@aisle/contracts/api/tickets'
import { TicketCreated } from '@aisle/contracts/messages/tickets'
import { isRefusal } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { describeTicket, findOrMakeEvent, searchVector } from '../describe-ticket.ts'
import { readTicket, toState, toTicket } from '../queries.ts'

export const listTicket = command(endpoint, async (tx, { body, session, now }, { newId }: TicketsService) => {
  const { sql } = tx
  const eventId = await findOrMakeEvent(sql, body, now, newId)
  if (isRefusal(eventId)) return eventId
  const described = describeTicket(body, eventId)

  // A seller may list before auth's message about them has come; version 0 gives way to it.
  tx.send(
    sql`insert into users (id, version, name) values (${session.userId}, 0, ${session.name}) on conflict on constraint users_pkey do nothing`,
  )
  const id = newId()
  tx.send(sql`
    insert into tickets (id, version, title, description, price, currency, event_id, starts_at, seat, seller_id, status, search, created_at, updated_at)
    values (${id}, 1, ${described.title}, ${described.description}, ${described.price}, ${described.currency}, ${eventId},
            (select starts_at from events where id = ${eventId}), ${described.seat && JSON.stringify(described.seat)}::text::jsonb, ${session.userId}, 'listed',
            ${searchVector(sql, described)}, ${now}, ${now})`)

  const row = await readTicket(sql, id)
  if (!row) throw new Error(`The ticket ${id} was inserted and is not there.`)
  tx.emit(TicketCreated, id, toState(row))
  return answer(toTicket(row), { headers: { location: `/api/tickets/${id}`, etag: `"${row.version}"` } })
})
