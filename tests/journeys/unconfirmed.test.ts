// What a user may do before their email is confirmed: anything but sell, or hold a second ticket.

import type { Order, User } from '@aisle/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld } from '../invariants.ts'
import { secretFor } from '../mailbox.ts'
import { listTicket, openWorld, orderIn, pay, payable, refusalOf, reserve, type World } from '../world.ts'

let world: World
let seller: Client & { user: User }
beforeAll(async () => {
  world = await openWorld({ UNCONFIRMED_ADDRESSES: 'limited' })
  seller = await confirmed()
})
afterAll(() => closeWorld(world))

const confirm = async ({ user }: { user: User }) =>
  world.visitor().expect(204, 'POST', '/api/users/confirm', { token: await secretFor(world, user.email, 'confirm') })
async function confirmed() {
  const member = await world.member()
  await confirm(member)
  return member
}
const offer = { title: 'One seat', price: 4500, currency: 'eur' }
const ask = (buyer: Client, ticketId: string) => buyer.send<Order>('POST', '/api/orders', { ticketId })
const tickets = async (count: number) => {
  const listed = await Promise.all(Array.from({ length: count }, () => listTicket(seller)))
  await world.settled()
  return listed.map(({ id }) => id) as [string, ...string[]]
}

describe('a user whose email is not confirmed', () => {
  it('cannot sell; and can right after confirming, even with the same form', async () => {
    const member = await world.member()
    const key = { 'idempotency-key': 'one-form' }
    for (const headers of [{}, key])
      expect(refusalOf(await member.send('POST', '/api/tickets', offer, headers))).toEqual([403, 'address-unconfirmed'])
    await confirm(member)
    expect((await member.send('POST', '/api/tickets', offer, key)).status).toBe(201)
  })

  it('can hold one ticket, reserved or bought, and no second one', async () => {
    const [member, [first, second, third]] = [await world.member(), await tickets(3)]
    const order = await reserve(member, first)
    expect(refusalOf(await ask(member, second!))).toEqual([403, 'address-unconfirmed'])
    await member.expect(204, 'DELETE', `/api/orders/${order.id}`)
    const bought = await reserve(member, second!)
    await payable(world, bought.id)
    await pay(member, bought.id)
    await orderIn(member, bought.id, 'complete')
    expect(refusalOf(await ask(member, third!))).toEqual([403, 'address-unconfirmed'])
    await confirm(member)
    expect((await ask(member, third!)).status).toBe(201)
  })

  it('gets one of many reserved at once, right after signing up', async () => {
    const ids = await tickets(10)
    const member = await world.member()
    const replies = await Promise.all(ids.map((id) => ask(member, id)))
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(replies.filter(({ status }) => status === 403)).toHaveLength(9)
  })

  it('whose reservation has run out can reserve another', async () => {
    const [member, [first, second]] = [await world.member(), await tickets(2)]
    await world.stack.stopService('expiration')
    await reserve(member, first)
    await world.clock.advance(15 * 60_000)
    expect((await ask(member, second!)).status).toBe(201)
    await world.stack.startService('expiration')
    await world.settled()
  })

  it('is not asked to confirm where auth has said nothing, as before', async () => {
    const [member, [first, second]] = [await world.member(), await tickets(2)]
    await world.settled()
    for (const service of ['tickets', 'orders'] as const)
      await world.sql(service)`update users set confirmed = null where id = ${member.user.id}`
    await world.clock.advance(60_000)
    for (const id of [first, second!]) expect((await ask(member, id)).status).toBe(201)
    expect((await member.send('POST', '/api/tickets', offer)).status).toBe(201)
    await confirm(member)
    await world.settled()
  })

  it('that asks for the mail again although it is confirmed makes auth say so again', async () => {
    const member = await confirmed()
    await world.settled()
    await world.sql('tickets')`update users set confirmed = false where id = ${member.user.id}`
    expect(refusalOf(await member.send('POST', '/api/tickets', offer))).toEqual([403, 'address-unconfirmed'])
    await member.expect(204, 'POST', '/api/users/me/confirmation')
    expect((await member.send('POST', '/api/tickets', offer)).status).toBe(201)
  })
})
