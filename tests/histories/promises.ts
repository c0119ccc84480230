// What people were told, against what became of it.

import type { Scene } from './act.ts'

/** One sentence for each answer that turned out not to be true. */
export async function wrongInPromises({ theatre, sales }: Scene): Promise<string[]> {
  const wrong: string[] = []
  for (const [index, sale] of sales.entries()) {
    const order = await sale.order
    if (!order) continue
    const [kept] = await theatre.sql('orders')<{ status: string; price: number }[]>`
      select status, price from orders where id = ${order.id}`
    if (!kept) wrong.push(`order ${index} was answered with 201 and is gone`)
    else if (kept.price !== order.ticket.price)
      wrong.push(`order ${index} was of ${order.ticket.price} and is of ${kept.price}`)
    if (sale.cancelled && kept?.status !== 'cancelled')
      wrong.push(`order ${index} was cancelled by its buyer and is ${kept?.status}`)
    for (const [id, amount] of sale.refunds) {
      const [refund] = await theatre.sql('payments')<{ amount: number; status: string }[]>`
        select amount, status from refunds where id = ${id}`
      if (refund?.amount !== amount) wrong.push(`the refund ${id} of ${amount} is ${JSON.stringify(refund ?? null)}`)
      if (refund?.status === 'pending') wrong.push(`the refund ${id} is still pending`)
    }
    if (sale.payment) {
      const [payment] = await theatre.sql('payments')`select 1 from payments where id = ${sale.payment.id}`
      if (!payment) wrong.push(`payment ${sale.payment.id} was answered with 201 and is gone`)
    }
  }
  return wrong
}
