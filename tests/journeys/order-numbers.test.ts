// An order's number is the same wherever it appears, and finds the order for those who may see it.

import type { Order, OrderRecord, Sale } from '@aisle/contracts/entities'
import { OrderCompleted, OrderCreated, OrderReserved } from '@aisle/contracts/messages/orders'
import { isOrderNumber } from '@aisle/contracts/order-number'
import { services } from '@aisle/dev/stack'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { visit } from '../hosted-page.ts'
import { closeWorld } from '../invariants.ts'
import { envelope, openService, orderState } from '../one-service.ts'
import { buy, listTicket, openWorld, payable, reserve, type World } from '../world.ts'

let world: World
let admin: Client
beforeAll(async () => {
  world = await openWorld()
  admin = await world.admin()
})
afterAll(() => closeWorld(world))

const spellings = (number: string) => [
  number,
  number.toLowerCase(),
  number.replace('-', ''),
  ` ${number.replace('-', ' ').toLowerCase()}`,
]
const found = (by: Client, path: string, number: string) =>
  by.expect<Order[]>(200, 'GET', `${path}?number=${encodeURIComponent(number)}`)

it('it is the same in the answer, the messages, the sale, at the provider and on the page', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const { order, payment } = await buy(world, seller, buyer)
  const number = order.number!
  expect(isOrderNumber(number)).toBe(true)
  const messages = await world.sql('orders')<{ number: string }[]>`
    select message -> 'data' ->> 'number' as number from outbox where message ->> 'subject' = ${order.id}`
  expect(messages.map((one) => one.number)).toEqual(Array(4).fill(number))
  const [sale] = await seller.expect<Sale[]>(200, 'GET', '/api/payments/sales')
  expect([sale!.payment.id, sale!.orderNumber]).toEqual([payment.id, number])
  const [request] = await world.sql('payments')<{ description: string }[]>`
    select data -> 'request' ->> 'description' as description from work
    where kind = 'authorize' and subject = ${payment.id}`
  expect(request!.description).toBe(`Order ${number}`)
})

it("it is on the provider's page", async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const order = await reserve(buyer, (await listTicket(seller)).id)
  await payable(world, order.id)
  const { url } = await buyer.expect<{ url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
  expect((await visit(url)).html).toContain(`Order ${order.number}`)
})

it('its buyer finds the order by it, in any spelling, and an admin does; nobody else', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const order = await reserve(buyer, (await listTicket(seller)).id)
  await reserve(buyer, (await listTicket(seller)).id)
  for (const spelling of spellings(order.number!)) {
    expect((await found(buyer, '/api/orders', spelling)).map(({ id }) => id)).toEqual([order.id])
    const records = (await found(admin, '/api/admin/orders', spelling)) as OrderRecord[]
    expect(records.map(({ id, number, buyerId }) => [id, number, buyerId])).toEqual([
      [order.id, order.number, buyer.user.id],
    ])
    expect(await found(seller, '/api/orders', spelling)).toEqual([])
  }
})

it('a mistyped one is refused with a clear sentence', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const { number } = await reserve(buyer, (await listTicket(seller)).id)
  const wrong = number!.replace(/.$/, (last) => (last === '2' ? '3' : '2'))
  const asked = [
    [buyer, '/api/orders'],
    [admin, '/api/admin/orders'],
  ] as const
  for (const [by, path] of asked)
    expect((await by.send('GET', `${path}?number=${wrong}`)).body).toMatchObject({
      status: 400,
      code: 'invalid',
      errors: [{ field: 'number', message: 'is not an order number' }],
    })
})

it('buyers who reserve at the same moment get different numbers', async () => {
  const seller = await world.member()
  const pairs = await Promise.all(
    Array.from({ length: 20 }, async () => [await world.member(), await listTicket(seller)] as const),
  )
  const orders = await Promise.all(pairs.map(([buyer, ticket]) => reserve(buyer, ticket.id)))
  expect(new Set(orders.map(({ number }) => number)).size).toBe(20)
})

it('payments keeps it when the version before says a later state without it, and takes it when it is said again', async () => {
  await using payments = await openService(services.find(({ name }) => name === 'payments')!)
  const [numbered, old] = [orderState({ number: 'K7MP-42XW' }), orderState({ version: 3, status: 'complete' })]
  await payments.say(envelope(OrderCreated, numbered.id, numbered), envelope(OrderCompleted, old.id, old))
  const { number: _, ...without } = numbered
  await payments.say(
    envelope(OrderReserved, numbered.id, { ...without, version: 2, status: 'awaiting:payment' }),
    envelope(OrderCompleted, old.id, { ...old, number: '2222-2222' }),
  )
  const numbers = await payments.sql`select number, version from orders order by version`
  expect(numbers.map((row) => ({ ...row }))).toEqual([
    { number: 'K7MP-42XW', version: 2 },
    { number: '2222-2222', version: 3 },
  ])
})
