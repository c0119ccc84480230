// The database's clock was half a day ahead for a while. Once it is right again, that costs users no more than
// half a minute.

import type { Order, Ticket } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import {
  buy,
  listTicket,
  openWorld,
  orderIn,
  orderInTime,
  orderWithin,
  payable,
  reserve,
  type World,
  withinSeconds,
} from '../world.ts'

/** Shorter than a session lasts. */
const aheadMs = 11 * 60 * 60 * 1000
let world: World
beforeEach(async () => {
  world = await openWorld()
})
afterEach(() => closeWorld(world, { windows: 'were too long' }))

const jump = (ms: number) => world.clock.jump!(ms)

it('a ticket that was reserved meanwhile is its buyer’s for one more window, and then for sale again', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const tickets = [await listTicket(seller), await listTicket(seller)]
  jump(aheadMs)
  const [paid, unpaid] = [await reserve(buyer, tickets[0]!.id), await reserve(buyer, tickets[1]!.id)]
  await world.settled()
  jump(-aheadMs)
  const read = (id: string) => buyer.expect<Order>(200, 'GET', `/api/orders/${id}`)
  const isReset = ({ expiresAt }: Order) => {
    const leftMs = Date.parse(expiresAt) - world.clock.now().getTime()
    return leftMs <= 900_000 && leftMs > 800_000
  }
  const before = world.clock.now().getTime()
  const areReset = (orders: readonly Order[]) => orders.every(isReset)
  await withinSeconds(
    world,
    30,
    () => Promise.all([read(paid.id), read(unpaid.id)]),
    areReset,
    'the windows to begin again',
  )
  const shown = await until(
    () => buyer.expect<Ticket>(200, 'GET', `/api/tickets/${tickets[0]!.id}`),
    ({ heldUntil = '' }) => Date.parse(heldUntil) - world.clock.now().getTime() <= 900_000,
    'the ticket to say when it comes back',
  )
  expect(shown.status).toBe('reserved')

  await payable(world, paid.id)
  await buyer.expect(201, 'POST', '/api/payments', { orderId: paid.id, token: 'tok_visa' })
  await orderIn(buyer, paid.id, 'complete')
  await world.settled()
  await world.clock.advance(899_000 - (world.clock.now().getTime() - before))
  await world.settled()
  expect((await read(unpaid.id)).status).toBe('awaiting:payment')
  expect((await orderInTime(world, buyer, unpaid.id, 'cancelled')).reason).toBe('expired')
})

it('calls, webhooks and polls that were postponed until tomorrow are made within half a minute', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  jump(aheadMs)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  // It gets no response, and its retry is scheduled for tomorrow.
  const route = 'payment_intents.create'
  await world.sandbox('POST', '/_sandbox/faults', { route, kind: 'drop-after-commit', times: 2 })
  await buyer.expect(201, 'POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
  jump(-aheadMs)
  await orderWithin(world, 30, buyer, order.id, 'complete')

  const { payment } = await buy(world, seller, buyer)
  const sql = world.sql('payments')
  const tomorrow = new Date(world.clock.now().getTime() + aheadMs)
  await sql`
    insert into work (key, kind, subject, data, next_try_at, created_at)
    select 'webhook:evt_tomorrow:1', 'webhook', ${payment.id}::text,
      jsonb_build_object('type', 'payment_intent.succeeded', 'objectId', 'pi_1', 'intentId', null,
        'paymentId', ${payment.id}::text), ${tomorrow}, ${tomorrow}`
  await withinSeconds(
    world,
    30,
    () => sql<{ status: string }[]>`select status from work where key = 'webhook:evt_tomorrow:1'`,
    ([row]) => row?.status === 'done',
    'the webhook to be followed',
  )
})
