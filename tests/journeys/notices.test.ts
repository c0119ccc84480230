// What people are told about their orders, and who reads it.

import type { Notice, NoticeRecord } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { buy, listTicket, openWorld, orderIn, payable, reserve, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

const noticesOf = (person: Client, query = '') => person.expect<Notice[]>(200, 'GET', `/api/notices${query}`)
const kindsOf = (notices: readonly Notice[]) => notices.map(({ kind }) => kind)

describe('a sale', () => {
  it('is told to its buyer and its seller, once each, and to nobody else', async () => {
    const [seller, buyer, other] = [await world.member('Mara'), await world.member('Jonas'), await world.member()]
    const { order } = await buy(world, seller, buyer)
    await world.settled()

    const [bought, reserved, ...more] = await noticesOf(buyer)
    expect(more).toEqual([])
    expect(bought).toMatchObject({ kind: 'bought', orderId: order.id, action: { path: `/orders/${order.id}` } })
    expect(reserved).toMatchObject({ kind: 'reserved', orderId: order.id })
    expect(kindsOf(await noticesOf(seller))).toEqual(['sold'])
    expect(await noticesOf(other)).toEqual([])
    expect((await world.visitor().send('GET', '/api/notices')).status).toBe(401)
  })

  it('is told in the language that is asked for, and about one order alone', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { order } = await buy(world, seller, buyer)
    await buy(world, seller, buyer)
    await world.settled()
    const german = await noticesOf(buyer, `?language=de&orderId=${order.id}`)
    expect(kindsOf(german)).toEqual(['bought', 'reserved'])
    expect(german[0]?.title).toMatch(/^Dein Ticket: /)
  })

  it('is shown to an admin with what became of the mails', async () => {
    const [seller, buyer, admin] = [await world.member(), await world.member(), await world.admin()]
    const { order } = await buy(world, seller, buyer)
    await world.settled()
    const told = await admin.expect<NoticeRecord[]>(200, 'GET', `/api/admin/notices?orderId=${order.id}`)
    expect(told.map(({ kind, userId }) => [kind, userId]).toSorted()).toEqual(
      [
        ['reserved', buyer.user.id],
        ['bought', buyer.user.id],
        ['sold', seller.user.id],
      ].toSorted(),
    )
    expect((await buyer.send('GET', `/api/admin/notices?orderId=${order.id}`)).status).toBe(403)
  })
})

describe('an order that ends without a sale', () => {
  it('is not news to the buyer who cancelled it', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await world.settled()
    expect(kindsOf(await noticesOf(buyer))).not.toContain('order-ended')
  })

  it('is told when the time ran out, if the buyer had a payment page', async () => {
    const [seller, buyer, other] = [await world.member(), await world.member(), await world.member()]
    const paying = await reserve(buyer, (await listTicket(seller)).id)
    const looking = await reserve(other, (await listTicket(seller)).id)
    await payable(world, paying.id)
    await buyer.expect(201, 'POST', '/api/payments', { orderId: paying.id })
    await world.settled()
    await world.clock.advance(901_000)
    await orderIn(buyer, paying.id, 'cancelled')
    await orderIn(other, looking.id, 'cancelled')
    await world.settled()
    expect(kindsOf(await noticesOf(buyer))).toEqual(['expired', 'reserved'])
    expect(kindsOf(await noticesOf(other))).toEqual(['reserved'])
  })
})

describe('unread notices', () => {
  it('are counted, and read up to the one that was seen', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    await buy(world, seller, buyer)
    await world.settled()
    const [bought, reserved] = await noticesOf(buyer)
    expect(await buyer.expect(200, 'POST', '/api/notices/read', { upTo: reserved?.id })).toEqual({ unread: 1 })
    expect((await noticesOf(buyer)).map(({ readAt }) => readAt !== undefined)).toEqual([false, true])
    expect(await buyer.expect(200, 'POST', '/api/notices/read', { upTo: bought?.id })).toEqual({ unread: 0 })
    expect(await seller.expect(200, 'POST', '/api/notices/read', { upTo: reserved?.id })).toEqual({ unread: 1 })
  })
})
