// A buyer reserves a ticket. From the commit on, the ticket is theirs alone until the window runs out. Of any
// number of concurrent buyers one wins: the unique index orders_one_live_per_ticket decides. The price is the
// one the buyer saw, if the request states it. A buyer can hold only so many: their reservations take turns
// (holdings.ts). The window ends when the event starts; after that the ticket cannot be reserved. A conflicting
// order whose window has run out is ended right here, so a dead expiration service cannot keep a ticket locked.

import { reserveTicket as endpoint } from '@aisle/contracts/api/orders'
import type { TicketStatus } from '@aisle/contracts/entities'
import { OrderCreated } from '@aisle/contracts/messages/orders'
import type { Sql } from '@aisle/kit/db/database'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { OrdersService } from '../context.ts'
import { lockSellerOf } from '../erasures.ts'
import {
  endLapsed,
  type Holdings,
  holdingColumns,
  isConfirmationKnown,
  lockBuyer,
  mustConfirmFirst,
  whyNoMore,
} from '../holdings.ts'
import { decide, hasBegun, isUnpaid, notAfterStart } from '../order.ts'
import { lockOrder, moveOrder, type OrderRow, recordStep, toOrder, toState } from '../queries.ts'

const patienceMs = 1_000

export const reserveTicket = command(
  endpoint,
  async (tx, { body, session, now }, { newId, config }: OrdersService) => {
    const { sql } = tx
    const buyerId = session.userId
    if ((body.price === undefined) !== (body.currency === undefined))
      return refuse('invalid', {
        field: body.price === undefined ? 'price' : 'currency',
        message: 'is missing: price and currency are given together',
      })
    // Sent together, in this order, so the buyer's holdings are counted once it is their turn, and nobody's account is
    // closed meanwhile.
    const [turn, trade, read] = await Promise.allSettled([
      lockBuyer(sql, buyerId),
      lockSellerOf(sql, body.ticketId),
      readTicket(sql, body.ticketId, buyerId),
    ])
    if (turn.status === 'rejected') throw turn.reason
    if (trade.status === 'rejected') throw trade.reason
    if (read.status === 'rejected') throw read.reason
    const ticket = read.value
    if (!ticket) return refuse('not-found', { field: 'ticketId', message: 'is not a ticket that we know' })
    if (ticket.sellerId === buyerId) return refuse('own-ticket')
    if (ticket.closing === 'buyer') return refuse('account-closing')
    if (ticket.closing === 'seller') return refuse('ticket-withdrawn')
    if (ticket.banned === 'buyer') return refuse('banned')
    if (ticket.banned === 'seller') return refuse('seller-banned')
    if (ticket.status === 'withdrawn') return refuse('ticket-withdrawn')
    if (ticket.status === 'sold') return refuse('ticket-taken')
    if (hasBegun(ticket, now)) return refuse('event-begun')

    let hasEnded = false
    if (ticket.liveOrderId) {
      if (!ticket.liveStatus || !isUnpaid(ticket.liveStatus) || ticket.liveExpiresAt > now)
        return refuse('ticket-taken')
      const inTheWay = await lockOrder(sql, ticket.liveOrderId)
      if (inTheWay) moveOrder(tx, inTheWay, decide(inTheWay, { type: 'expire', at: now }), now)
      hasEnded = inTheWay?.buyerId === buyerId
    }

    const { price, currency } = ticket
    if (body.price !== undefined && (body.price !== price || body.currency !== currency))
      return refuse('price-changed', { field: 'price', extra: { price, currency } })

    let tooMany = whyNoMore(ticket, config)
    if (tooMany && ((await endLapsed(tx, buyerId, now)) || hasEnded))
      tooMany = whyNoMore((await readTicket(sql, body.ticketId, buyerId)) ?? ticket, config)
    if (tooMany) return refuse(tooMany)

    const order: Omit<OrderRow, 'number'> = {
      id: newId(),
      version: 1,
      status: 'created',
      reason: null,
      cancelNote: null,
      buyerId,
      sellerId: ticket.sellerId,
      ticketId: body.ticketId,
      ticketVersion: ticket.version,
      title: ticket.title,
      price,
      currency,
      event: ticket.event,
      seat: ticket.seat,
      paymentId: null,
      paymentVersion: 0,
      expiresAt: notAfterStart(ticket, new Date(now.getTime() + config.ORDER_WINDOW_SECONDS * 1000)),
      createdAt: now,
      updatedAt: now,
    }
    const [placed] = await sql<Pick<OrderRow, 'number'>[]>`
    with placed as (insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title,
        price, currency, event, seat, expires_at, created_at, updated_at)
      values (${order.id}, 1, 'created', ${order.buyerId}, ${order.sellerId}, ${order.ticketId}, ${order.ticketVersion},
        ${order.title}, ${order.price}, ${order.currency}, ${order.event && JSON.stringify(order.event)}::text::jsonb,
        ${order.seat && JSON.stringify(order.seat)}::text::jsonb, ${order.expiresAt}, ${now}, ${now})
      on conflict (ticket_id) where status <> 'cancelled' do nothing returning *)
    ${recordStep(sql, 'placed')} returning (select number from placed)`
    if (!placed) return refuse('ticket-taken')
    const made = { ...order, ...placed }
    tx.emit(OrderCreated, order.id, toState(made))
    return answer(toOrder(made), { headers: { location: `/api/orders/${order.id}` } })
  },
  {
    // A ticket listed a moment ago becomes known here a few milliseconds later. So does a user, and that they have
    // confirmed their email: a buyer who may have to do that first waits for the news before they are refused.
    async before({ body, session: { userId } }, { arrivals, config, db: { sql } }) {
      await arrivals.settled(body.ticketId, () => isKnown(sql, body.ticketId))
      if (config.UNCONFIRMED_ADDRESSES === 'free') return null
      await arrivals.settled(userId, () => isConfirmationKnown(sql, userId))
      await arrivals.change(userId, async () => ((await mustConfirmFirst(sql, userId)) ? null : true), patienceMs)
      return null
    },
  },
)

async function isKnown(sql: Sql, id: string): Promise<boolean> {
  const found = await sql`select from tickets where id = ${id}`
  return found.length > 0
}

type TicketRow = Pick<OrderRow, 'version' | 'sellerId' | 'title' | 'price' | 'currency' | 'event' | 'seat'> & {
  status: TicketStatus
  liveOrderId: string | null
  liveStatus: OrderRow['status'] | null
  liveExpiresAt: Date
  /** Which of the two is banned. */
  banned: 'buyer' | 'seller' | null
  /** Whose account is being erased, or was. */
  closing: 'buyer' | 'seller' | null
} & Holdings

/** The ticket as mirrored here, with the conflicting live order if there is one, and what the buyer holds. */
async function readTicket(sql: Sql, id: string, buyerId: string): Promise<TicketRow | null> {
  const [row] = await sql<TicketRow[]>`
    select t.version, t.status, t.seller_id, t.title, t.price, t.currency, t.event, t.seat, o.id as live_order_id,
      o.status as live_status, o.expires_at as live_expires_at,
      case when (select banned from users where id = ${buyerId}) then 'buyer'
        when (select banned from users where id = t.seller_id) then 'seller' end as banned,
      case when exists (select from users where id = ${buyerId} and (erased or closing is not null)) then 'buyer'
        when exists (select from users where id = t.seller_id and (erased or closing is not null)) then 'seller' end
        as closing,
      ${holdingColumns(sql, buyerId)}
    from tickets t left join orders o on o.ticket_id = t.id and o.status <> 'cancelled'
    where t.id = ${id}`
  return row ?? null
}
