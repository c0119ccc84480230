// The whole price was refunded: the ticket's seat may be listed again.

import { OrderRefunded } from '@aisle/contracts/messages/orders'
import { later, on } from '@aisle/kit/bus/reaction'
import type { TicketsService } from '../context.ts'
import { followRefund } from '../follow-refund.ts'
import { readTicket } from '../queries.ts'

const earlyMs = 200

export const freeSeat = on(OrderRefunded, async (tx, { data: order }, { clock }: TicketsService) => {
  const ticket = await readTicket(tx.sql, order.ticket.id)
  // The message that it was sold has not arrived yet.
  if (ticket?.status === 'reserved' && ticket.orderId === order.id) return later(earlyMs)
  const now = clock.now()
  await followRefund(tx, order, now, now)
})
