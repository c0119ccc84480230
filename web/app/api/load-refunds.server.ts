// What the visitor got back of orders, by the id of the order.

import { refundsOfOrders } from '@aisle/contracts/api/payments'
import type { Order, OrderRefunds } from '@aisle/contracts/entities'
import { callApi } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

/**
 * Of the paid ones among the orders, of which there are at most a hundred. Without payments nothing is said of
 * refunds.
 */
export async function refundsOf(context: Context, orders: readonly Order[]): Promise<Record<string, OrderRefunds>> {
  const paid = orders.filter(({ status }) => status === 'complete' || status === 'refunded')
  if (paid.length === 0) return {}
  const orderIds = paid.map(({ id }) => id).join(',')
  const refunds = await callApi(context, refundsOfOrders, { query: { orderIds } }).catch(() => null)
  return Object.fromEntries((refunds?.ok ? refunds.body : []).map((one) => [one.orderId, one]))
}
