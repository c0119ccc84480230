// What `npm run events -- snapshot orders` publishes: every order as it is.

import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderExtended,
  OrderPaymentAccepted,
  OrderRefunded,
} from '@aisle/contracts/messages/orders'
import type { SnapshotPart } from '@aisle/kit/bus/snapshot'
import { type OrderRow, toState } from './queries.ts'

const messageOf = {
  created: OrderCreated,
  // For orders awaiting payment, expiration must know when the window ends.
  'awaiting:payment': OrderExtended,
  paying: OrderPaymentAccepted,
  complete: OrderCompleted,
  refunded: OrderRefunded,
  cancelled: OrderCancelled,
}

export const everyOrder: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<OrderRow[]>`select * from orders where id > ${after} order by id limit ${limit}`
  return rows.map((row) => ({ id: row.id, message: messageOf[row.status], data: toState(row) }))
}
