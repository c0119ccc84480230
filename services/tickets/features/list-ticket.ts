// A seller lists a ticket. It is for sale from the commit on; orders learns of it from ticket:created. A seat
// of an event can be listed only once, across all sellers: the unique index tickets_one_per_seat decides.

import { listTicket as endpoint } from '@aisle/contracts/api/tickets'
import { TicketCreated } from '@aisle/contracts/messages/tickets'
import type { Tx } from '@aisle/kit/db/database'
import { isRefusal, type Refusal, refuse } from '@aisle/kit/errors'
import { answer, command, type Request } from '@aisle/kit/http/route'
import type { TicketsService } from '../context.ts'
import { describeTicket, faultOfPrice, ticketVector } from '../describe-ticket.ts'
import { findOrMakeEvent } from '../find-event.ts'
import { ownTicketTag, readTicket, toOwnTicket, toState } from '../queries.ts'
import { seatKey } from '../seat-key.ts'
import { isConfirmed, whyNotSell } from '../sellers.ts'

const patienceMs = 1_000

async function list(tx: Tx, { body, session, now }: Request<typeof endpoint>, { newId }: TicketsService) {
  const { sql } = tx
  // A seller may list before auth's message about them has arrived; version 0 yields to that message.
  tx.send(
    sql`insert into users (id, version, name) values (${session.userId}, 0, ${session.name})
      on conflict on constraint users_pkey do nothing`,
  )
  const whyNot = await whyNotSell(sql, session.userId)
  if (whyNot) return refuse(whyNot)
  const event = await findOrMakeEvent(sql, body, now, newId)
  if (isRefusal(event)) return event
  const described = describeTicket(body, event)
  const fault = faultOfPrice(described)
  if (fault) return fault
  const { title, description, price, currency, seat } = described

  const id = newId()
  tx.send(sql`
    insert into tickets (id, version, title, description, price, currency, event_id, starts_at, seat, seat_key,
      seller_id, status, search, search_version, created_at, updated_at)
    values (${id}, 1, ${title}, ${description}, ${price}, ${currency}, ${event?.id ?? null}, ${event?.startsAt ?? null},
      ${seat && JSON.stringify(seat)}::text::jsonb, ${seatKey(seat, event?.id ?? null)}, ${session.userId}, 'listed',
      ${ticketVector(sql, { title, event })}, 1, ${now}, ${now})
    on conflict (event_id, seat_key)
      where seat_key <> '' and refunded_at is null and status in ('listed', 'reserved', 'sold') do nothing`)

  const row = await readTicket(sql, id)
  if (!row) return refuse('seat-listed', { field: 'seat' })
  tx.emit(TicketCreated, id, toState(row))
  return answer(toOwnTicket(row), { headers: { location: `/api/tickets/${id}`, etag: ownTicketTag(row) } })
}

/**
 * Only who has confirmed their email may sell. What auth says of it may be on its way, so a refusal comes after a
 * second.
 */
async function refuseUnconfirmed(
  { session }: Request<typeof endpoint>,
  { arrivals, config, db }: TicketsService,
): Promise<Refusal | null> {
  if (config.UNCONFIRMED_ADDRESSES === 'free') return null
  const { userId } = session
  await arrivals.settled(userId, async () => (await isConfirmed(db.sql, userId)) !== null)
  const mayList = async () => ((await isConfirmed(db.sql, userId)) === false ? null : true)
  return (await arrivals.change(userId, mayList, patienceMs)) ? null : refuse('address-unconfirmed')
}

export const listTicket = command(endpoint, list, { before: refuseUnconfirmed })
