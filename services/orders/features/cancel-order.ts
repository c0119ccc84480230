// A buyer cancels an unpaid order. Cancelling again is harmless and announces nothing; once the payment is
// accepted it is too late.

import { cancelOrder as endpoint } from '@aisle/contracts/api/orders'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { OrdersService } from '../context.ts'
import { decide } from '../order.ts'
import { lockOrder, moveOrder } from '../queries.ts'

export const cancelOrder = command(endpoint, async (tx, { params, session, now }, _service: OrdersService) => {
  const order = await lockOrder(tx.sql, params.id)
  if (!order) return refuse('not-found')
  if (order.buyerId !== session.userId) return refuse('forbidden')
  const decision = decide(order, { type: 'cancel', by: 'buyer' })
  if ('refuse' in decision) return refuse(decision.refuse)
  moveOrder(tx, order, decision, now)
  return answer(undefined)
})
