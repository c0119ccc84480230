// Notices about orders and their money. The order is mirrored first: a payment says only which order it pays. The two
// come from two services, in any order; each locks the order's row, so the second always sees the first.

import type { Envelope } from '@aisle/contracts/message'
import {
  OrderCancelled,
  OrderCompleted,
  OrderRefunded,
  OrderReserved,
  type OrderState,
} from '@aisle/contracts/messages/orders'
import {
  PaymentAuthorized,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundFailed,
  type PaymentState,
  PaymentVoided,
} from '@aisle/contracts/messages/payments'
import { later, on } from '@aisle/kit/bus/reaction'
import type { Tx } from '@aisle/kit/db/database'
import type { NoticesService } from '../context.ts'
import { makeNotices } from '../make-notices.ts'
import {
  type KnownOrder,
  type Notice,
  whenCompleted,
  whenEnded,
  whenRefunded,
  whenRefundFailed,
  whenReserved,
} from '../rules.ts'

const lookAgainMs = 20

/** The order as it is now, locked; a state that is older than what is known changes nothing. */
async function copyOrder(tx: Tx, { data: order }: { data: OrderState }): Promise<KnownOrder> {
  const { id, number = null, version, buyerId, sellerId, status, reason = null, ticket } = order
  const [known] = await tx.sql<[KnownOrder]>`
    insert into orders as o (id, version, buyer_id, seller_id, status, reason, number, ticket)
    values (${id}, ${version}, ${buyerId}, ${sellerId}, ${status}, ${reason}, ${number},
      ${JSON.stringify(ticket)}::text::jsonb)
    on conflict on constraint orders_pkey do update set version = greatest(o.version, excluded.version),
      buyer_id = excluded.buyer_id, seller_id = excluded.seller_id, ticket = excluded.ticket,
      number = coalesce(excluded.number, o.number),
      status = case when o.version < excluded.version then excluded.status else o.status end,
      reason = case when o.version < excluded.version then excluded.reason else o.reason end
    returning *`
  return known
}

/** A payment page was opened, or a card was used. The order may not be known yet. */
async function notePage(tx: Tx, orderId: string): Promise<KnownOrder | null> {
  const [known] = await tx.sql<[KnownOrder & { version: number }]>`
    insert into orders as o (id, version, page_opened) values (${orderId}, 0, true)
    on conflict on constraint orders_pkey do update set page_opened = true returning *`
  return known.version > 0 ? known : null
}

type Hears = (order: KnownOrder, data: OrderState) => Notice[]
const hearOrder = (hear: Hears) => async (tx: Tx, message: Envelope<OrderState>, service: NoticesService) => {
  const order = await copyOrder(tx, message)
  await makeNotices(tx, service, hear(order, message.data), message)
}

export const hearOrders = [
  on(
    OrderReserved,
    hearOrder((order, { expiresAt }) => whenReserved(order, expiresAt)),
  ),
  on(OrderCompleted, hearOrder(whenCompleted)),
  on(OrderCancelled, hearOrder(whenEnded)),
  on(
    OrderRefunded,
    hearOrder(() => []),
  ),
]

const hearPage = async (tx: Tx, message: Envelope<PaymentState>, service: NoticesService) => {
  const order = await notePage(tx, message.data.orderId)
  if (order) await makeNotices(tx, service, whenEnded(order), message)
}

type HearsMoney = (order: KnownOrder, payment: PaymentState) => Notice[]
const hearMoney = (hear: HearsMoney) => async (tx: Tx, message: Envelope<PaymentState>, service: NoticesService) => {
  const [order] = await tx.sql<KnownOrder[]>`
    select * from orders where id = ${message.data.orderId} and version > 0`
  if (!order) return later(lookAgainMs)
  await makeNotices(tx, service, hear(order, message.data), message)
}

export const hearPayments = [
  on(PaymentAuthorized, hearPage),
  on(PaymentFailed, hearPage),
  on(PaymentVoided, hearPage),
  on(PaymentRefunded, hearMoney(whenRefunded)),
  on(PaymentRefundFailed, hearMoney(whenRefundFailed)),
]
