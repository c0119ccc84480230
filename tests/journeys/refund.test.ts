// Refunds: by the seller or an admin, whole or in part, never more than was captured.

import type { Problem } from '@aisle/contracts/endpoint'
import type { OrderRefunds, Payment, Refund } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  buy,
  inTime,
  listTicket,
  openWorld,
  orderIn,
  orderInTime,
  orderWithin,
  pay,
  payable,
  refusalOf,
  reserve,
  ticketIn,
  type World,
  webhooks,
} from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

const give = (by: Client, paymentId: string, amount?: number) =>
  by.send<Refund & Problem>('POST', `/api/payments/${paymentId}/refunds`, amount === undefined ? {} : { amount })

const shown = (by: Client, paymentId: string) => by.expect<Payment>(200, 'GET', `/api/payments/${paymentId}`)

async function sale(price = 4500) {
  const [seller, buyer] = [await world.member(), await world.member()]
  return { seller, buyer, ...(await buy(world, seller, buyer, price)) }
}

describe('a captured payment', () => {
  it('is refunded in full by the seller, and the order is refunded', async () => {
    const { seller, buyer, ticket, order, payment } = await sale()
    const refund = await give(seller, payment.id)
    expect(refund).toMatchObject({ status: 201, body: { status: 'succeeded', amount: 4500, currency: 'usd' } })
    await orderIn(buyer, order.id, 'refunded')
    expect(await shown(buyer, payment.id)).toMatchObject({ status: 'refunded', amountRefunded: 4500 })
    expect(await providerSide(world, order.id)).toMatchObject({ captured: 4500, refunded: 4500 })
    // A sold ticket does not go on sale again on its own.
    await ticketIn(buyer, ticket.id, 'sold')
    expect(refusalOf(await give(seller, payment.id))).toEqual([409, 'not-refundable'])
    expect(refusalOf(await buyer.send('DELETE', `/api/orders/${order.id}`))).toEqual([409, 'order-not-cancellable'])
  })

  it('is refunded in parts, never more than was paid; the order stays until all is refunded', async () => {
    const { seller, buyer, order, payment } = await sale()
    expect((await give(seller, payment.id, 1000)).status).toBe(201)
    expect(refusalOf(await give(seller, payment.id, 3501))).toEqual([409, 'not-refundable'])
    await world.settled()
    await orderIn(buyer, order.id, 'complete')
    expect(await shown(seller, payment.id)).toMatchObject({ status: 'captured', amountRefunded: 1000 })
    expect((await give(seller, payment.id, 3500)).status).toBe(201)
    await orderIn(buyer, order.id, 'refunded')
    expect(await providerSide(world, order.id)).toMatchObject({ refunded: 4500 })
  })

  it('refunded ten times at once is refunded once', async () => {
    const { seller, buyer, order, payment } = await sale()
    const replies = await Promise.all(Array.from({ length: 10 }, () => give(seller, payment.id, 2500)))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)])
    await world.settled()
    expect(await providerSide(world, order.id)).toMatchObject({ refunded: 2500 })
    await orderIn(buyer, order.id, 'complete')
  })

  it('is refunded by an admin, and by no one else than them and the seller', async () => {
    const { buyer, order, payment } = await sale()
    const stranger = await world.member()
    expect(refusalOf(await give(stranger, payment.id))).toEqual([403, 'forbidden'])
    expect(refusalOf(await give(buyer, payment.id))).toEqual([403, 'forbidden'])
    expect(refusalOf(await give(world.visitor(), payment.id))).toEqual([401, 'not-signed-in'])
    expect(await providerSide(world, order.id)).toMatchObject({ refunded: 0 })
    expect((await give(await world.admin(), payment.id)).status).toBe(201)
    await orderIn(buyer, order.id, 'refunded')
  })

  it('takes no refund of nothing, less than nothing, or a part of a cent', async () => {
    const { seller, payment } = await sale()
    for (const amount of [0, -1, 0.5, 1e12])
      expect(refusalOf(await give(seller, payment.id, amount))).toEqual([400, 'invalid'])
    expect(refusalOf(await give(seller, '01900000-0000-7000-8000-000000000000'))).toEqual([404, 'not-found'])
  })

  it('is refunded once although the response is lost', async () => {
    const { seller, buyer, order, payment } = await sale()
    await webhooks(world, 'drop')
    await world.sandbox('POST', '/_sandbox/faults', { route: 'refunds.create', kind: 'drop-after-commit', times: -1 })
    expect(await give(seller, payment.id)).toMatchObject({ status: 201, body: { status: 'pending' } })
    expect(refusalOf(await give(seller, payment.id))).toEqual([409, 'not-refundable'])
    await world.sandbox('DELETE', '/_sandbox/faults')
    await webhooks(world, 'deliver')
    await orderInTime(world, buyer, order.id, 'refunded')
    expect(await providerSide(world, order.id)).toMatchObject({ captured: 4500, refunded: 4500 })
  })

  it('that the provider refunds slowly is refunded once the provider says so', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    const payment = await pay(buyer, order.id, 'tok_pendingRefund')
    await orderIn(buyer, order.id, 'complete')
    expect(await give(seller, payment.id)).toMatchObject({ status: 201, body: { status: 'pending' } })
    expect((await shown(seller, payment.id)).amountRefunded).toBe(0)
    await orderInTime(world, buyer, order.id, 'refunded')
    expect(await shown(seller, payment.id)).toMatchObject({ status: 'refunded', amountRefunded: 4500 })
  })
})

it('a pending refund is found done within a minute without a webhook, however often the buyer looks', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const order = await reserve(buyer, (await listTicket(seller)).id)
  await payable(world, order.id)
  const payment = await pay(buyer, order.id, 'tok_pendingRefund')
  await orderIn(buyer, order.id, 'complete')
  await webhooks(world, 'drop')
  await give(seller, payment.id)
  for (let look = 1; look <= 8; look++) await buyer.expect(200, 'POST', `/api/payments/${payment.id}/refresh`)
  await orderWithin(world, 59, buyer, order.id, 'refunded')
  await webhooks(world, 'deliver')
})

it('a buyer sees what was refunded of each order, and no one else does', async () => {
  const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
  const sales = [await buy(world, seller, buyer), await buy(world, seller, buyer)]
  const order = await reserve(buyer, (await listTicket(seller)).id)
  await payable(world, order.id)
  const slow = await pay(buyer, order.id, 'tok_pendingRefund')
  await orderIn(buyer, order.id, 'complete')
  await give(seller, sales[0]!.payment.id, 1000)
  await give(seller, sales[0]!.payment.id, 500)
  await give(seller, slow.id, 2000)
  const path = `/api/payments/refunds?orderIds=${[...sales.map((sale) => sale.order.id), order.id].join()}`
  const refunds = await buyer.expect<OrderRefunds[]>(200, 'GET', path)
  expect(refunds.toSorted((a, b) => a.refunded - b.refunded)).toEqual([
    { orderId: order.id, currency: 'usd', refunded: 0, pending: 2000 },
    { orderId: sales[0]!.order.id, currency: 'usd', refunded: 1500, pending: 0 },
  ])
  for (const client of [seller, other, await world.admin()]) expect(await client.expect(200, 'GET', path)).toEqual([])
  await inTime(
    world,
    () => buyer.expect<OrderRefunds[]>(200, 'GET', path),
    (later) => later.some(({ orderId, refunded }) => orderId === order.id && refunded === 2000),
    'the slow refund to arrive',
  )
  expect(refusalOf(await world.visitor().send('GET', path))).toEqual([401, 'not-signed-in'])
})

describe('a payment that was not captured', () => {
  it('cannot be refunded', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    await buyer.send('POST', '/api/payments', { orderId: order.id, token: 'tok_chargeDeclined' })
    const [declined] = await buyer.expect<Payment[]>(200, 'GET', `/api/payments?orderId=${order.id}`)
    expect(refusalOf(await give(seller, declined!.id))).toEqual([409, 'not-refundable'])
  })
})
