// An admin cancels an unpaid order, with a reason that its buyer can read. Repeating is harmless and keeps the
// first reason.

import { cancelAsAdmin as endpoint } from '@aisle/contracts/api/orders'
import { refuse } from '@aisle/kit/errors'
import { answer, command } from '@aisle/kit/http/route'
import type { OrdersService } from '../context.ts'
import { decide } from '../order.ts'
import { lockOrder, moveOrder } from '../queries.ts'

export const cancelAsAdmin = command(endpoint, async (tx, request, { audit }: OrdersService) => {
  const { params, body, now } = request
  const order = await lockOrder(tx.sql, params.id)
  if (!order) return refuse('not-found')
  const decision = decide(order, { type: 'cancel', by: 'admin' })
  if ('refuse' in decision) return refuse(decision.refuse)
  if (decision.move === null) return answer(undefined)
  tx.send(tx.sql`update orders set cancel_note = ${body.reason.trim()} where id = ${order.id}`)
  moveOrder(tx, order, decision, now)
  audit.write(tx, request, { action: 'order-cancellation', subject: order.id })
  return answer(undefined)
})
