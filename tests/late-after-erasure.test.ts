// Nothing that a service hears late about an erased user brings anything of them back.

import type { Envelope } from '@aisle/contracts/message'
import {
  UserContact,
  UserCreated,
  UserErased,
  UserErasureAsked,
  UserErasureRefused,
  UserLink,
  UserSecured,
  UserUpdated,
} from '@aisle/contracts/messages/auth'
import { OrderCancelled, OrderCompleted, OrderCreated } from '@aisle/contracts/messages/orders'
import { services } from '@aisle/dev/stack'
import { heardBy } from '@aisle/kit/boot/hears'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { describe, expect, it } from 'vitest'
import { envelope, type OneService, openService, orderState } from './one-service.ts'

const at = '2026-05-01T12:00:00.000Z'

/** Everything that auth may have said of a user before, and may say once more. */
function late(id: string): Envelope[] {
  const state = { id, version: 99, name: 'Planted Sue', banned: true, confirmed: true }
  const link = { id: newId(), purpose: 'reset-password', sealed: 'planted', language: 'en', expiresAt: at } as const
  return [
    envelope(UserCreated, id, state),
    envelope(UserUpdated, id, state),
    envelope(UserContact, id, { id, version: 99, sealed: 'planted', language: 'en', confirmed: true }),
    envelope(UserLink, id, { ...link, userId: id, version: 99 }),
    envelope(UserSecured, id, { userId: id, version: 99, what: 'new-device', device: 'planted', at }),
    envelope(UserErasureAsked, id, { userId: id, version: 1 }),
    envelope(UserErasureRefused, id, { userId: id, version: 1, by: 'user', at }),
  ]
}
const erased = (userId: string) => envelope(UserErased, userId, { userId, version: 7 })

describe.each(['tickets', 'orders', 'notices'] as const)('%s', (name) => {
  const definition = services.find((one) => one.name === name)!

  it('keeps an erased user erased, in any order', async () => {
    await using service = await openService(definition)
    const heard = new Set(heardBy(definition).types)
    const said = (id: string) => late(id).filter(({ type }) => heard.has(type))
    const [before, after] = [newId(), newId()]
    const keyGone = () => {
      service.clock.advance(1_000)
      return until(
        () => service.sql`select 1 from erased_users where key_gone_at is null`,
        (rows) => rows.length === 0,
        'the key to be deleted',
      )
    }
    await service.say(erased(after))
    if (name === 'notices') await keyGone()
    await service.say(...said(after))
    await service.say(...said(before), erased(before))
    if (name !== 'notices') {
      for (const id of [before, after])
        expect((await service.sql`select erased, banned, confirmed from users where id = ${id}`)[0]).toEqual({
          erased: true,
          banned: false,
          confirmed: false,
        })
    } else await keyGone()
    await service.settled()
    const { said: _, parked_messages, ...tables } = await service.everything()
    expect(parked_messages).toEqual([])
    for (const [table, rows] of Object.entries(tables))
      expect([table, JSON.stringify(rows).match(/planted/i)]).toEqual([table, null])
    if (name === 'notices')
      for (const table of ['contact_keys', 'contacts', 'notices', 'deliveries', 'inboxes'])
        expect([table, await service.sql`select * from ${service.sql(table)}`]).toEqual([table, []])
  })
})

it('notices tells an erased user nothing of an order, and the other side all', async () => {
  await using service = await openService(services.find(({ name }) => name === 'notices')!)
  const order = orderState({ status: 'complete', version: 4, paymentId: newId() })
  await service.say(erased(order.buyerId))
  await service.say(envelope(OrderCompleted, order.id, order))
  expect(await service.sql`select user_id from notices where order_id = ${order.id}`).toEqual([
    { userId: order.sellerId },
  ])
})

/** A listing of `sellerId`, who has just signed up. */
async function plantListing({ sql }: OneService, sellerId: string, ticketId: string): Promise<void> {
  await sql`insert into users (id, version, name) values (${sellerId}, 1, 'Sue')`
  await sql`
    insert into tickets (id, version, title, description, price, currency, seller_id, status, search, created_at,
      updated_at)
    values (${ticketId}, 1, 'Planted', 'Planted', 4500, 'eur', ${sellerId}, 'listed', '', now(), now())`
}
const plantedOrder = (sellerId: string, ticketId: string) =>
  orderState({ sellerId, ticket: { id: ticketId, title: 'Planted', price: 4500, currency: 'eur' } })

it('tickets withdraws a ticket that an order lets go of when its seller is gone', async () => {
  await using service = await openService(services.find(({ name }) => name === 'tickets')!)
  const [sellerId, ticketId] = [newId(), newId()]
  await plantListing(service, sellerId, ticketId)
  const order = plantedOrder(sellerId, ticketId)
  await service.say(envelope(OrderCreated, order.id, order))
  await service.say(erased(sellerId))
  const cancelled = { ...order, status: 'cancelled', version: 3, reason: 'buyer' } as const
  await service.say(envelope(OrderCancelled, order.id, cancelled))
  expect(await service.sql`select status from tickets`).toEqual([{ status: 'withdrawn' }])
  service.clock.advance(1_000)
  await until(
    () => service.sql`select title, description from tickets`,
    ([ticket]) => ticket?.title === 'Ticket' && ticket.description === null,
    'the words of the seller to go',
  )
  await until(
    () => service.sql`select 1 from users where erasure_open`,
    (rows) => rows.length === 0,
    'the erasure to be carried out',
  )
})

it('tickets erases one seller while a ticket of another is still reserved', async () => {
  await using service = await openService(services.find(({ name }) => name === 'tickets')!)
  const [first, second] = [newId(), newId()].sort() as [string, string]
  const [reserved, listed] = [newId(), newId()]
  await plantListing(service, first, reserved)
  await plantListing(service, second, listed)
  const order = plantedOrder(first, reserved)
  await service.say(envelope(OrderCreated, order.id, order))
  await service.say(erased(first))
  await service.say(erased(second))
  await until(
    () => service.sql`select status from tickets where id = ${listed}`,
    ([ticket]) => ticket?.status === 'withdrawn',
    'the listing of the second seller to go',
    10_000,
  )
  const open = await until(
    () => service.sql`select id from users where erasure_open`,
    (rows) => rows.length < 2,
    'the second erasure to be carried out',
  )
  expect(open).toEqual([{ id: first }])
})
