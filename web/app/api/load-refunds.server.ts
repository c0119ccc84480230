// The visitor's refunds, by order id.

import { refundsOfOrders } from '@aisle/contracts/api/payments'
import type { Order, OrderRefunds } from '@aisle/contracts/entities'
import { callApi } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

/**
 * The refunds of the paid orders among `orders`, of which there are at most a hundred. If payments is down, no
 * refunds are shown.
 */
export async function refundsOf(context: Context, orders: readonly Order[]): Promise<Record<string, OrderRefunds>> {
  const paid = orders.filter(({ status }) => status === 'complete' || status === 'refunded')
  if (paid.length === 0) return {}
  const orderIds = paid.map(({ id }) => id).join(',')
  const refunds = await callApi(context, refundsOfOrders, { query: { orderIds } }).catch(() => null)
  return Object.fromEntries((refunds?.ok ? refunds.body : []).map((one) => [one.orderId, one]))
}
