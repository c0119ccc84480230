// What a seller can do with a ticket: edit and withdraw it, but only while it is listed.

import type { Problem } from '@aisle/contracts/endpoint'
import type { Order, Ticket } from '@aisle/contracts/entities'
import { leastPrices } from '@aisle/contracts/least-prices'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { minimumAmount } from '../../packages/stripe-sandbox/src/api/currencies.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, orderIn, pay, payable, refusalOf, reserve, ticketIn, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

describe('a listed ticket', () => {
  it('is edited in part, and the next buyer gets what they see', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller, { price: 4500 })
    const edited = await seller.expect<Ticket>(200, 'PATCH', `/api/tickets/${ticket.id}`, {
      price: 3900,
      seat: { section: 'Stalls', row: 'C', number: '12' },
    })
    expect(edited).toMatchObject({ price: 3900, title: ticket.title, event: ticket.event, version: 2 })
    await world.settled()
    const order = await reserve(buyer, ticket.id)
    expect(order.ticket).toMatchObject({ price: 3900, seat: { section: 'Stalls', row: 'C', number: '12' } })
  })

  it('is replaced as a whole: omitted fields are removed', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller)
    const replaced = await seller.expect<Ticket>(200, 'PUT', `/api/tickets/${ticket.id}`, {
      title: 'One seat',
      price: 900,
    })
    expect(replaced).toMatchObject({ title: 'One seat', price: 900, currency: 'usd' })
    expect(replaced).not.toHaveProperty('event')
    expect(await seller.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)).toEqual(replaced)
  })

  it('publishes nothing when an edit changes nothing', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller)
    const same = await seller.expect<Ticket>(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: ticket.price })
    expect(same).toEqual(ticket)
    const said = await world.sql('tickets')`select 1 from outbox where message ->> 'subject' = ${ticket.id}`
    expect(said).toHaveLength(1)
  })

  it('is not overwritten by a seller with an old version (If-Match)', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller)
    const seen = await seller.send<Ticket>('GET', `/api/tickets/${ticket.id}`)
    const etag = seen.headers.get('etag')!
    expect(etag).toMatch(/^"1-/)
    const path = `/api/tickets/${ticket.id}`
    await seller.expect(200, 'PATCH', path, { price: 5000 }, { 'if-match': etag })
    for (const [method, body] of [
      ['PATCH', { price: 1000 }],
      ['PUT', { title: 'Old', price: 1000 }],
      ['DELETE', undefined],
    ] as const)
      expect(refusalOf(await seller.send(method, path, body, { 'if-match': etag }))).toEqual([412, 'stale-version'])
    expect((await ticketIn(seller, ticket.id, 'listed')).price).toBe(5000)
    await seller.expect(204, 'DELETE', path, undefined, { 'if-match': '"2"' })
  })

  it('is withdrawn for good: it cannot be reserved, and withdrawing it again is harmless', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await seller.expect(204, 'DELETE', `/api/tickets/${ticket.id}`)
    await seller.expect(204, 'DELETE', `/api/tickets/${ticket.id}`)
    await world.settled()
    expect(refusalOf(await buyer.send('POST', '/api/orders', { ticketId: ticket.id }))).toEqual([
      409,
      'ticket-withdrawn',
    ])
    const edit = await seller.send('PATCH', `/api/tickets/${ticket.id}`, { price: 100 })
    expect(refusalOf(edit)).toEqual([409, 'ticket-withdrawn'])
    const listed = await buyer.expect<Ticket[]>(200, 'GET', '/api/tickets?limit=100')
    expect(listed.map(({ id }) => id)).not.toContain(ticket.id)
    const mine = await seller.expect<Ticket[]>(200, 'GET', '/api/tickets/mine')
    expect(mine.map(({ id, status }) => [id, status])).toEqual([[ticket.id, 'withdrawn']])
  })

  it('is changed only by its seller [S11]', async () => {
    const [seller, other, admin] = [await world.member(), await world.member(), await world.admin()]
    const ticket = await listTicket(seller)
    const path = `/api/tickets/${ticket.id}`
    for (const stranger of [other, admin]) {
      expect(refusalOf(await stranger.send('PATCH', path, { price: 100 }))).toEqual([403, 'forbidden'])
      expect(refusalOf(await stranger.send('PUT', path, { title: 'Mine', price: 100 }))).toEqual([403, 'forbidden'])
      expect(refusalOf(await stranger.send('DELETE', path))).toEqual([403, 'forbidden'])
    }
    expect(refusalOf(await world.visitor().send('PATCH', path, { price: 100 }))).toEqual([401, 'not-signed-in'])
    expect((await ticketIn(other, ticket.id, 'listed')).version).toBe(1)
  })

  it.each(['status', 'orderId', 'seller', 'version', 'id'])(
    'keeps its %s, which no one may set [S11]',
    async (field) => {
      const seller = await world.member()
      const ticket = await listTicket(seller)
      const refused = await seller.send<Problem>('PATCH', `/api/tickets/${ticket.id}`, { [field]: 'sold' })
      expect(refusalOf(refused)).toEqual([400, 'invalid'])
      expect(refused.body.errors[0]?.field).toBe(field)
    },
  )
})

describe('a price that the payment provider would not take', () => {
  it.each(Object.entries(leastPrices))(
    'is refused in %s, whether listed or edited: %d is the minimum',
    async (currency, least) => {
      expect(least).toBe(Math.max(50, minimumAmount(currency)!))
      const [seller, buyer] = [await world.member(), await world.member()]
      const refuses = async (method: string, path: string, body: object) => {
        const refused = await seller.send<Problem>(method, path, body)
        expect(refusalOf(refused)).toEqual([400, 'invalid'])
        expect(refused.body.errors[0]?.field).toBe('price')
      }
      await refuses('POST', '/api/tickets', { title: 'A seat', price: least - 1, currency })
      const ticket = await listTicket(seller, { price: least, currency })
      const path = `/api/tickets/${ticket.id}`
      await refuses('PATCH', path, { price: least - 1 })
      await refuses('PUT', path, { title: 'A seat', price: least - 1, currency })
      const order = await reserve(buyer, ticket.id)
      await payable(world, order.id)
      await pay(buyer, order.id)
      await orderIn(buyer, order.id, 'complete')
    },
  )

  it('is refused even if only the currency changes', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller, { price: 299, currency: 'eur' })
    const refused = await seller.send<Problem>('PATCH', `/api/tickets/${ticket.id}`, { currency: 'sek' })
    expect([...refusalOf(refused), refused.body.errors[0]?.field]).toEqual([400, 'invalid', 'price'])
  })
})

describe('a ticket whose price has changed since its buyer saw it', () => {
  it('is not reserved: they are told what it costs now, and reserve it at that price', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { id: ticketId } = await listTicket(seller, { price: 4500, currency: 'eur' })
    await seller.expect(200, 'PATCH', `/api/tickets/${ticketId}`, { price: 9000 })
    await world.settled()
    for (const seen of [
      { price: 4500, currency: 'eur' },
      { price: 9000, currency: 'usd' },
    ]) {
      const refused = await buyer.send<Problem>('POST', '/api/orders', { ticketId, ...seen })
      expect(refusalOf(refused)).toEqual([409, 'price-changed'])
      expect(refused.body).toMatchObject({ price: 9000, currency: 'eur' })
    }
    const now = { ticketId, price: 9000, currency: 'eur' }
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', now)
    expect(order.ticket).toMatchObject({ price: 9000, currency: 'eur' })
  })

  it('is not reserved with an incomplete price either', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const { id: ticketId } = await listTicket(seller, { price: 4500, currency: 'eur' })
    await world.settled()
    for (const [half, field] of [
      [{ price: 4500 }, 'currency'],
      [{ currency: 'eur' }, 'price'],
    ] as const) {
      const refused = await buyer.send<Problem>('POST', '/api/orders', { ticketId, ...half })
      expect(refusalOf(refused)).toEqual([400, 'invalid'])
      expect(refused.body.errors[0]?.field).toBe(field)
    }
  })
})

describe('a reserved ticket', () => {
  it('can neither be edited nor withdrawn until its buyer cancels', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    const order = await reserve(buyer, ticket.id)
    const path = `/api/tickets/${ticket.id}`
    expect(refusalOf(await seller.send('PATCH', path, { price: 100 }))).toEqual([409, 'ticket-reserved'])
    expect(refusalOf(await seller.send('PUT', path, { title: 'New', price: 100 }))).toEqual([409, 'ticket-reserved'])
    expect(refusalOf(await seller.send('DELETE', path))).toEqual([409, 'ticket-reserved'])
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    await ticketIn(seller, ticket.id, 'listed')
    await seller.expect(200, 'PATCH', path, { price: 100 })
    await seller.expect(204, 'DELETE', path)
  })
})
