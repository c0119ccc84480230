// The payments service is killed, as by kill -9, while the provider is at work: its work is done exactly once,
// by its successor. The sweeper finishes what is in the database once the dead process's lease is over; the
// provider knows the key of the call.

import type { Order, Payment, Refund } from '@aisle/contracts/entities'
import { configurationOf } from '@aisle/dev/stack'
import { until } from '@aisle/kit/testing/settled'
import { payments } from '@aisle/payments/service'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { lockTable } from '../chaos/moments.ts'
import { Client } from '../client.ts'
import { payOnPage } from '../hosted-page.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import { forkService, type SeparateService } from '../separate-service.ts'
import {
  holdAtProvider,
  inTime,
  listTicket,
  openWorld,
  orderIn,
  orderInTime,
  payable,
  reserve,
  ticketIn,
  unhurried,
  type World,
  webhooks,
} from '../world.ts'

let world: World
let separate: SeparateService | null = null
beforeAll(async () => {
  world = await openWorld()
})
afterEach(() => separate?.kill())
afterAll(() => closeWorld(world))

/** Replaces the payments service by a separate process; resolves to its address. */
async function separatePayments(): Promise<string> {
  await world.stack.stopService('payments')
  const { databaseUrl, keys, bus } = world
  const sandboxPort = Number(new URL(world.stack.sandboxUrl).port)
  const around = {
    databaseUrl,
    keys,
    bus,
    publicUrl: world.stack.url,
    sandboxPort,
    webhookSecret: 'whsec_of_another_process',
  }
  const values = { ...configurationOf(payments, around), ...unhurried }
  separate = await forkService('payments').start(values, { now: world.clock.now() })
  return separate.url
}

async function kill(): Promise<void> {
  await separate?.kill()
  separate = null
}

/** A buyer with an order to pay, and their connection to the separate payments service. */
async function buyerAt(address: string) {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  const at = (client: Client) => Object.assign(new Client(address), { cookie: client.cookie })
  const paying = () => at(buyer).send<Payment>('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
  const opening = () => at(buyer).send<Payment>('POST', '/api/payments', { orderId: order.id })
  return { seller, buyer, ticket, order, paying, opening, sellerThere: at(seller) }
}

const takenOnce = { intents: [{ status: 'succeeded', amount: 4500 }], captures: 1, captured: 4500 }

/** Lets at most twenty seconds pass, one at a time: neither a lease nor a sweep after minutes may be what ends it. */
function soon<T>(read: () => Promise<T>, done: (value: T) => boolean, what: string): Promise<T> {
  let looks = 0
  return until(
    async () => {
      const value = await read()
      if (!done(value) && looks++ % 10 === 0 && looks < 200) await world.clock.advance(1_000)
      return value
    },
    done,
    what,
  )
}

describe('a payments service that dies', () => {
  it('while the card is being authorised: the card is charged once, the ticket is sold [P3]', async () => {
    const { buyer, ticket, order, paying } = await buyerAt(await separatePayments())
    const { reached, release } = await holdAtProvider(world, 'payment_intents.create')
    const lost = expect(paying()).rejects.toThrow()
    await reached()
    await kill()
    // The provider executes the request although no process is left to receive the result.
    await release()
    await lost
    await world.stack.startService('payments')
    await orderInTime(world, buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
    expect(await providerSide(world, order.id)).toMatchObject(takenOnce)
  })

  it('between the accepted payment and its capture: the card is charged once, the ticket is sold [P3]', async () => {
    const { buyer, ticket, order, paying } = await buyerAt(await separatePayments())
    const { reached, release } = await holdAtProvider(world, 'payment_intents.capture')
    expect((await paying()).status).toBe(201)
    await reached()
    await kill()
    // The provider executes the request although no process is left to receive the result.
    await release()
    await orderIn(buyer, order.id, 'paying')
    await world.stack.startService('payments')
    await orderInTime(world, buyer, order.id, 'complete')
    await ticketIn(buyer, ticket.id, 'sold')
    expect(await providerSide(world, order.id)).toMatchObject(takenOnce)
  })

  it('while it voids the authorisation of a cancelled order: it is voided [P1]', async () => {
    const { buyer, ticket, order, paying } = await buyerAt(await separatePayments())
    const create = await holdAtProvider(world, 'payment_intents.create')
    const refused = paying().catch(() => null)
    await create.reached()
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await ticketIn(buyer, ticket.id, 'listed')
    const { reached, release } = await holdAtProvider(world, 'payment_intents.cancel')
    await create.release()
    await reached()
    await kill()
    // The provider executes the request although no process is left to receive the result.
    await release()
    expect(await refused).toBeNull()
    await world.stack.startService('payments')
    await inTime(
      world,
      () => buyer.expect<Payment[]>(200, 'GET', `/api/payments?orderId=${order.id}`),
      ([payment]) => payment?.status === 'voided',
      'the payment to be voided',
    )
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [{ status: 'canceled' }], captured: 0 })
  })

  it('while it opens the page: there is one page, and it is paid on', async () => {
    const { buyer, order, opening } = await buyerAt(await separatePayments())
    const { reached, release } = await holdAtProvider(world, 'checkout.sessions.create')
    const lost = expect(opening()).rejects.toThrow()
    await reached()
    await kill()
    await release()
    await lost
    await world.stack.startService('payments')
    await inTime(
      world,
      () => world.sql('payments')`select 1 from payments where order_id = ${order.id} and page_url is not null`,
      (opened) => opened.length === 1,
      'the page',
    )
    const page = await buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id })
    await payOnPage(page.url!)
    await orderIn(buyer, order.id, 'complete')
    expect(await providerSide(world, order.id)).toMatchObject(takenOnce)
  })

  it('while it ends the page of a cancelled order: the page is ended within seconds of the next start', async () => {
    const { buyer, order, opening } = await buyerAt(await separatePayments())
    const page = (await opening()).body
    const { reached, release } = await holdAtProvider(world, 'checkout.sessions.expire')
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await reached()
    await kill()
    await world.sandbox('DELETE', '/_sandbox/faults')
    await release()
    await world.stack.startService('payments')
    await soon(
      () => buyer.expect<Payment>(200, 'GET', `/api/payments/${page.id}`),
      ({ status }) => status === 'voided',
      'the page to be ended',
    )
    expect((await payOnPage(page.url!)).status).toBeGreaterThanOrEqual(400)
  })

  it('before it could void the authorisation of a cancelled order: it is voided within seconds of the next start', async () => {
    const { buyer, order, opening } = await buyerAt(await separatePayments())
    const page = (await opening()).body
    // Paid on the page, and cancelled, while no process receives either.
    await kill()
    await payOnPage(page.url!)
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await world.stack.startService('payments')
    await soon(
      () => buyer.expect<Payment>(200, 'GET', `/api/payments/${page.id}`),
      ({ status }) => status === 'voided',
      'the authorisation to be let go',
    )
    expect(await providerSide(world, order.id)).toMatchObject({ intents: [{ status: 'canceled' }], captured: 0 })
  })

  it('while it refunds: the refund is made once', async () => {
    const { buyer, order, paying, sellerThere } = await buyerAt(await separatePayments())
    const payment = (await paying()).body
    await orderIn(buyer, order.id, 'complete')
    const { reached, release } = await holdAtProvider(world, 'refunds.create')
    const lost = expect(sellerThere.send<Refund>('POST', `/api/payments/${payment.id}/refunds`, {})).rejects.toThrow()
    await reached()
    await kill()
    // The provider executes the request although no process is left to receive the result.
    await release()
    await lost
    await world.stack.startService('payments')
    await orderInTime(world, buyer, order.id, 'refunded')
    expect(await providerSide(world, order.id)).toMatchObject({ ...takenOnce, refunded: 4500 })
  })
})

describe('a payments service whose database goes away', () => {
  afterEach(() => webhooks(world, 'deliver'))

  /** Lets the provider answer, while the service can record neither the answer nor a retry. */
  async function answerInVain(release: () => Promise<unknown>) {
    const lock = await lockTable(world.sql('payments'), 'work', 'share')
    await release()
    for (let refused = 0; refused < 2; refused++) {
      await lock.waitedFor()
      await lock.refuseWaiters()
    }
    await lock.letGo()
  }

  async function orderToPay() {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    await payable(world, order.id)
    return { buyer, order }
  }

  it('while it captures: the order is complete within seconds, the card is charged once', async () => {
    const { buyer, order } = await orderToPay()
    // Otherwise the provider's webhook would complete it.
    await webhooks(world, 'drop')
    const { reached, release } = await holdAtProvider(world, 'payment_intents.capture')
    await buyer.expect(201, 'POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
    await reached()
    await answerInVain(release)
    await soon(
      () => buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`),
      ({ status }) => status === 'complete',
      'the order to be complete',
    )
    expect(await providerSide(world, order.id)).toMatchObject(takenOnce)
  })

  it('while it processes a webhook: the webhook takes effect within seconds', async () => {
    const { buyer, order } = await orderToPay()
    const { url } = await buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id })
    const { reached, release } = await holdAtProvider(world, 'checkout.sessions.retrieve')
    await payOnPage(url!)
    await reached()
    await answerInVain(release)
    const left = () => world.sql('payments')`
      select 1 from work w join payments p on p.id::text = w.subject where p.order_id = ${order.id}
        and w.kind = 'webhook' and w.status = 'pending'`
    expect(await left()).not.toEqual([])
    await soon(left, (events) => events.length === 0, 'the webhooks to have had their effect')
    await orderIn(buyer, order.id, 'complete')
  })
})
