// The provider is slow. What does not need it continues, what needs it takes longer, and nothing piles up.

import type { Payment, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterEach, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { metric } from '../scrape.ts'
import { listTicket, openWorld, orderInTime, payable, reserve, type World } from '../world.ts'

let world: World
afterEach(() => closeWorld(world))

const slowDown = (ms: number) => world.sandbox('POST', '/_sandbox/faults', { kind: 'latency', ms, times: -1 })
const speedUp = () => world.sandbox('DELETE', '/_sandbox/faults')

async function orderToPay() {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { buyer, order, ticket }
}
const isSold = ({ id }: Ticket) =>
  until(
    () => world.visitor().expect<Ticket>(200, 'GET', `/api/tickets/${id}`),
    ({ status }) => status === 'sold',
    'the ticket to be sold',
    90_000,
  )

it('a provider that takes twelve seconds for each call still sells', async () => {
  world = await openWorld()
  const { buyer, order, ticket } = await orderToPay()
  await slowDown(12_000)
  // The response does not wait that long; the payment continues without it.
  await buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
  await isSold(ticket)
  await speedUp()
})

it('while the provider hangs others reserve and read, and waiting calls do not pile up in memory', async () => {
  world = await openWorld({ PROVIDER_CALLS_AT_ONCE: 2 })
  const sales = await Promise.all(Array.from({ length: 25 }, orderToPay))
  await slowDown(600_000)
  const paying = sales.map(({ buyer, order }) =>
    buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id, token: 'tok_visa' }),
  )
  const planned = () => world.sql('payments')`select from work where status = 'pending'`
  await until(planned, (calls) => calls.length === sales.length, 'every payment to wait for the provider')
  expect(await metric(world, 'payments', 'work_held', { queue: 'calls' })).toBeLessThanOrEqual(10)
  const { buyer, order, ticket } = await orderToPay()
  await buyer.expect(200, 'GET', `/api/tickets/${ticket.id}`)
  await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
  await Promise.all(paying)
  await speedUp()
  // The sweeper finds those that were not taken, some seconds later.
  for (const sale of sales) await orderInTime(world, sale.buyer, sale.order.id, 'complete')
})
