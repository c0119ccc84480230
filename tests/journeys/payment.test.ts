// Paying: declines, double clicks, lost responses, and what happens to the money if the order ends meanwhile.

import type { Problem } from '@aisle/contracts/endpoint'
import type { Order, Payment } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import {
  holdAtProvider,
  listTicket,
  openWorld,
  orderIn,
  orderInTime,
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
afterEach(async () => {
  await world.sandbox('DELETE', '/_sandbox/faults')
  await webhooks(world, 'deliver')
})
afterAll(() => closeWorld(world))

const fault = (route: string, effect: Record<string, unknown>) =>
  world.sandbox('POST', '/_sandbox/faults', { route, ...effect })

/** An order that can be paid now. */
async function orderToPay(price = 4500) {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller, { price })
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { seller, buyer, ticket, order }
}

const tryToPay = (buyer: Client, order: Order, token: string) =>
  buyer.send<Problem>('POST', '/api/payments', { orderId: order.id, token })

const paymentsOf = (buyer: Client, order: Order) =>
  buyer.expect<Payment[]>(200, 'GET', `/api/payments?orderId=${order.id}`)

describe('a declined card', () => {
  it.each([
    ['tok_chargeDeclined', 'generic_decline'],
    ['tok_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
    ['tok_chargeDeclinedExpiredCard', 'expired_card'],
    ['tok_chargeDeclinedIncorrectCvc', 'incorrect_cvc'],
    ['pm_card_threeDSecure2Required', 'authentication_required'],
  ])('(%s) tells the buyer why, and the ticket is still theirs to pay [P5]', async (token, declineCode) => {
    const { buyer, ticket, order } = await orderToPay()
    const declined = await tryToPay(buyer, order, token)
    expect(refusalOf(declined)).toEqual([402, 'card-declined'])
    expect(declined.body.declineCode).toBe(declineCode)
    await world.settled()
    await orderIn(buyer, order.id, 'awaiting:payment')
    await pay(buyer, order.id)
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
    expect((await paymentsOf(buyer, order)).map(({ status }) => status)).toEqual(['captured', 'declined'])
  })

  it('for the third time ends the order, and the ticket is for sale again', async () => {
    const { buyer, ticket, order } = await orderToPay()
    for (let attempt = 1; attempt <= 3; attempt++) {
      await orderIn(buyer, order.id, 'awaiting:payment')
      expect(refusalOf(await tryToPay(buyer, order, 'tok_chargeDeclined'))).toEqual([402, 'card-declined'])
    }
    expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('payment-failed')
    await ticketIn(buyer, ticket.id, 'listed')
    expect(refusalOf(await tryToPay(buyer, order, 'tok_visa'))).toEqual([409, 'order-not-payable'])
    expect(await providerSide(world, order.id)).toMatchObject({ captured: 0 })
  })

  it('is not counted when the provider does not know the token', async () => {
    const { buyer, order } = await orderToPay()
    for (let attempt = 1; attempt <= 4; attempt++)
      expect(refusalOf(await tryToPay(buyer, order, 'tok_nonsense'))).toEqual([422, 'invalid-token'])
    await pay(buyer, order.id)
    await orderIn(buyer, order.id, 'complete')
  })
})

describe('a payment', () => {
  it('is only for the buyer of the order, and only for an existing order', async () => {
    const { seller, order } = await orderToPay()
    expect(refusalOf(await tryToPay(seller, order, 'tok_visa'))).toEqual([403, 'forbidden'])
    const stranger = await world.member()
    expect(refusalOf(await tryToPay(stranger, order, 'tok_visa'))).toEqual([403, 'forbidden'])
    expect(refusalOf(await tryToPay(world.visitor(), order, 'tok_visa'))).toEqual([401, 'not-signed-in'])
    const unknown = { ...order, id: '01900000-0000-7000-8000-000000000000' }
    expect(refusalOf(await tryToPay(stranger, unknown, 'tok_visa'))).toEqual([404, 'not-found'])
  })

  it('may be ahead of the messages about its order: it waits for them', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const asked = await world.sql('payments').begin(async (payments) => {
      // What a reaction writes first. Blocked later, it would have a transaction id, and no outbox on the server could
      // be read past that.
      await payments`lock table cursors in share row exclusive mode`
      const { id } = await reserve(buyer, ticket.id)
      const reply = buyer.send('POST', '/api/payments', { orderId: id, token: 'tok_visa' })
      // Longer than the wait for anything else.
      await payments`select pg_sleep(1.5)`
      // In an array, so that the lock is not held until the response.
      return [reply]
    })
    expect((await asked[0]!).status).toBe(201)
  })

  it('clicked twenty times at once is charged once [P2]', async () => {
    const { buyer, order } = await orderToPay()
    const replies = await Promise.all(Array.from({ length: 20 }, () => tryToPay(buyer, order, 'tok_visa')))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    for (const reply of replies.filter(({ status }) => status !== 201)) {
      expect(reply.status).toBe(409)
      expect(['payment-in-progress', 'already-paid']).toContain(reply.body.code)
    }
    await orderIn(buyer, order.id, 'complete')
    expect(refusalOf(await tryToPay(buyer, order, 'tok_visa'))).toEqual([409, 'already-paid'])
    await world.settled()
    const provider = await providerSide(world, order.id)
    expect(provider).toEqual({
      intents: [{ status: 'succeeded', amount: 4500 }],
      captures: 1,
      captured: 4500,
      refunded: 0,
    })
  })

  it('whose response is lost on the way back is charged once, also over a restart [P3]', async () => {
    const { buyer, ticket, order } = await orderToPay()
    await webhooks(world, 'drop')
    await fault('payment_intents.create', { kind: 'drop-after-commit', times: -1 })
    const unsure = await pay(buyer, order.id)
    expect(unsure.status).toBe('created')
    expect(refusalOf(await tryToPay(buyer, order, 'tok_visa'))).toEqual([409, 'payment-in-progress'])
    await world.stack.stopService('payments')
    await world.sandbox('DELETE', '/_sandbox/faults')
    await world.stack.startService('payments')
    await orderInTime(world, buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [{ status: 'succeeded' }], captured: 4500 })
  })

  it('whose capture is lost on the way back is charged once, also over a restart [P3]', async () => {
    const { buyer, order } = await orderToPay()
    await webhooks(world, 'drop')
    await fault('payment_intents.capture', { kind: 'drop-after-commit', times: -1 })
    await pay(buyer, order.id)
    const capture = `capture:${(await paymentsOf(buyer, order))[0]?.id}:1`
    await until(
      () => world.sql('payments')<{ tries: number }[]>`select tries from work where key = ${capture}`,
      ([call]) => call?.tries === 1,
      'the capture to be given up for now',
    )
    await orderIn(buyer, order.id, 'paying')
    await world.stack.stopService('payments')
    await world.sandbox('DELETE', '/_sandbox/faults')
    await world.stack.startService('payments')
    await orderInTime(world, buyer, order.id, 'complete')
    expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500 })
  })

  it('that the provider answers with an error of its own is retried with the same key', async () => {
    const { buyer, order } = await orderToPay()
    await fault('payment_intents.create', { kind: 'status', status: 503, times: 1 })
    await fault('payment_intents.capture', { kind: 'status', status: 429, times: 1 })
    await pay(buyer, order.id)
    await orderInTime(world, buyer, order.id, 'complete')
    expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500 })
  })

  it('that can never be captured ends the order: the money is released, the ticket is for sale again', async () => {
    const { buyer, ticket, order } = await orderToPay()
    await fault('payment_intents.capture', {
      kind: 'status',
      status: 400,
      code: 'charge_expired_for_capture',
      times: -1,
    })
    await pay(buyer, order.id)
    expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('payment-failed')
    await ticketIn(buyer, ticket.id, 'listed')
    await world.settled()
    expect((await paymentsOf(buyer, order))[0]?.status).toBe('capture-failed')
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [{ status: 'canceled' }], captured: 0 })
  })
})

/** Waits until payments has heard what became of the order: it answers by what it knows. */
const heardByPayments = ({ id }: Order, status: Order['status']) =>
  until(
    () => world.sql('payments')`select 1 from orders where id = ${id} and status = ${status}`,
    ({ length }) => length > 0,
    `payments to hear that the order is ${status}`,
  )

describe('while the card is being authorised', () => {
  it('the window runs out: the authorisation is voided, the buyer never charged [P1]', async () => {
    const { seller, buyer, ticket, order } = await orderToPay()
    const { reached, release } = await holdAtProvider(world, 'payment_intents.create')
    const reply = tryToPay(buyer, order, 'tok_visa')
    await reached()
    await world.clock.advance(901_000)
    expect((await orderIn(buyer, order.id, 'cancelled')).reason).toBe('expired')
    await ticketIn(seller, ticket.id, 'listed')
    await heardByPayments(order, 'cancelled')
    await release()
    expect(refusalOf(await reply)).toEqual([409, 'order-not-payable'])
    await world.settled()
    expect((await paymentsOf(buyer, order)).map(({ status }) => status)).toEqual(['voided'])
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [{ status: 'canceled' }], captured: 0 })
  })

  it('the buyer cancels in another tab: the authorisation is voided, the buyer never charged [P1]', async () => {
    const { seller, buyer, ticket, order } = await orderToPay()
    const { reached, release } = await holdAtProvider(world, 'payment_intents.create')
    const reply = tryToPay(buyer, order, 'tok_visa')
    await reached()
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await ticketIn(seller, ticket.id, 'listed')
    await heardByPayments(order, 'cancelled')
    await release()
    expect(refusalOf(await reply)).toEqual([409, 'order-not-payable'])
    await world.settled()
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [{ status: 'canceled' }], captured: 0 })
  })

  it('the window runs out after the order has accepted it: the ticket is the buyer’s [P1]', async () => {
    const { buyer, ticket, order } = await orderToPay()
    const { reached, release } = await holdAtProvider(world, 'payment_intents.capture')
    await pay(buyer, order.id)
    await reached()
    await world.clock.advance(901_000)
    await orderIn(buyer, order.id, 'paying')
    await release()
    await orderIn(buyer, order.id, 'complete')
    await world.settled()
    await orderIn(buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
    expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500 })
  })
})
