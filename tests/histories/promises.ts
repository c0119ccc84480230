// Compares every 2xx response with the final state.

import type { Order, Payment } from '@aisle/contracts/entities'
import type { Sale, Scene } from './act.ts'
import type { Theatre } from './theatre.ts'

/** One sentence for each response that turned out to be false. */
export async function wrongInPromises(scene: Scene): Promise<string[]> {
  const { theatre, sales } = scene
  const wrong = await wrongInTickets(scene)
  for (const [index, sale] of sales.entries()) {
    const order = await sale.order
    if (!order) continue
    const kept = await orderNow(theatre, order.id)
    wrong.push(...wrongInOrder(sale, order, kept).map((what) => `order ${index} ${what}`))
    for (const [id, amount] of sale.refunds) {
      const [refund] = await theatre.sql('payments')<{ amount: number; status: string }[]>`
        select amount, status from refunds where id = ${id}`
      if (refund?.amount !== amount) wrong.push(`the refund ${id} of ${amount} is ${JSON.stringify(refund ?? null)}`)
      if (refund?.status === 'pending') wrong.push(`the refund ${id} is still pending`)
    }
    for (const said of sale.payments)
      wrong.push(...(await wrongInPayment(theatre, said, kept)).map((what) => `payment ${said.id} ${what}`))
  }
  return wrong
}

async function wrongInTickets({ theatre, edits, withdrawn }: Scene): Promise<string[]> {
  const wrong: string[] = []
  for (const { id, version, price } of edits) {
    // A later change may be in force now; this one was made, and published to everyone.
    const [said] = await theatre.sql('tickets')<{ price: number }[]>`
      select (message #>> '{data,price}')::int as price from outbox
      where message ->> 'subject' = ${id} and (message #>> '{data,version}')::int = ${version}
        and message ->> 'type' <> 'ticket:refused'`
    if (said?.price !== price)
      wrong.push(`ticket ${id} was changed to ${price} at version ${version}, which has ${said?.price ?? 'not been'}`)
  }
  for (const id of withdrawn) {
    const [row] = await theatre.sql('tickets')<{ status: string }[]>`select status from tickets where id = ${id}`
    if (row?.status !== 'withdrawn') wrong.push(`ticket ${id} was withdrawn and is ${row?.status}`)
  }
  return wrong
}

type OrderNow = { status: string; price: number; expiresAt: Date }

async function orderNow(theatre: Theatre, id: string): Promise<OrderNow | null> {
  const [row] = await theatre.sql('orders')<OrderNow[]>`select status, price, expires_at from orders where id = ${id}`
  return row ?? null
}

function wrongInOrder(sale: Sale, said: Order, now: OrderNow | null): string[] {
  if (!now) return ['was answered with 201 and is gone']
  const wrong: string[] = []
  if (now.price !== said.ticket.price) wrong.push(`was of ${said.ticket.price} and is of ${now.price}`)
  if (now.expiresAt < new Date(said.expiresAt))
    wrong.push(`was to be kept until ${said.expiresAt} and was until ${now.expiresAt.toISOString()}`)
  if (sale.cancelled && now.status !== 'cancelled') wrong.push(`was cancelled by its buyer and is ${now.status}`)
  return wrong
}

const isTaken = (status: string) => status === 'captured' || status === 'refunded'

async function wrongInPayment(theatre: Theatre, said: Payment, order: OrderNow | null): Promise<string[]> {
  const [now] = await theatre.sql('payments')<{ status: string; amount: number; orderId: string }[]>`
    select status, amount, order_id from payments where id = ${said.id}`
  if (!now) return ['was answered and is gone']
  const wrong: string[] = []
  if (now.amount !== said.amount || now.orderId !== said.orderId)
    wrong.push(`was of ${said.amount} for ${said.orderId} and is of ${now.amount} for ${now.orderId}`)
  // A paid payment stays paid, refunded or not; a voided or declined one stays so.
  const isKept = isTaken(said.status) ? isTaken(now.status) : !isEnd(said.status) || now.status === said.status
  if (!isKept) wrong.push(`was answered as ${said.status} and is ${now.status}`)
  if (isTaken(said.status) && order?.status !== 'complete' && order?.status !== 'refunded')
    wrong.push(`was answered as ${said.status}, and its order is ${order?.status}`)
  return wrong
}

const isEnd = (status: string) => status === 'voided' || status === 'declined' || status === 'capture-failed'
