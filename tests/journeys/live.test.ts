// Open pages receive changes, and nothing that is not meant for them.

import { liveOrder } from '@aisle/contracts/api/orders'
import { liveTickets } from '@aisle/contracts/api/tickets'
import type { Order, Ticket } from '@aisle/contracts/entities'
import { checker } from '@aisle/kit/check'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../client.ts'
import { type Listening, listen } from '../event-stream.ts'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, pay, payable, refusalOf, reserve, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

const tickets = (client: Client, query: string, last?: string) =>
  listen<Ticket>(world.stack.url, client, `/api/tickets/live?${query}`, last)
const order = (client: Client, id: string, last?: string) =>
  listen<Order>(world.stack.url, client, `/api/orders/${id}/live`, last)

/** The response of each replica of orders to a client. */
const askedDirectly = ({ cookie }: Client) =>
  Promise.all(
    world.stack.origins('orders').map(async (origin) => {
      const direct = Object.assign(new Client(origin), { cookie })
      return (await direct.send('GET', '/api/orders')).status
    }),
  )

describe('a page with a ticket', () => {
  it('shows it as it is, and learns when it is reserved, sold, but not who holds it', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const ticket = await listTicket(seller)
    await using page = await tickets(world.visitor(), `ids=${ticket.id}`)
    await page.hears(({ data }) => data.status === 'listed')
    const bought = await reserve(buyer, ticket.id)
    await page.hears(({ data }) => data.status === 'reserved')
    await payable(world, bought.id)
    await pay(buyer, bought.id)
    await page.hears(({ data }) => data.status === 'sold')
    expect(page.heard.map(({ data }) => data.version)).toEqual([1, 2, 3])
    for (const { event, data } of page.heard) {
      expect(event).toBe('ticket')
      expect(checker(liveTickets.stream.ticket)(data)).toMatchObject({ ok: true })
      expect(JSON.stringify(data)).not.toContain(bought.id)
    }
  })

  it('that reconnects receives only what it has missed', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller)
    const price = (amount: number) => seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: amount })
    const first = await tickets(world.visitor(), `ids=${ticket.id}`)
    await price(5000)
    const { id } = await first.hears(({ data }) => data.price === 5000)
    await first[Symbol.asyncDispose]()
    await price(6000)
    await price(7000)
    await using back = await tickets(world.visitor(), `ids=${ticket.id}`, id!)
    await back.hears(({ data }) => data.price === 7000)
    expect(back.heard.map(({ data }) => data.price)).toEqual([6000, 7000])
  })

  it('that reconnects after longer than is remembered receives the ticket as it is', async () => {
    const ticket = await listTicket(await world.member())
    for (const last of ['0-0', 'nonsense', '99999999999-1']) {
      await using back = await tickets(world.visitor(), `ids=${ticket.id}`, last)
      await back.hears(({ data }) => data.id === ticket.id)
      expect(back.heard).toHaveLength(1)
    }
  })

  it('is connected again after the service was down', async () => {
    const seller = await world.member()
    const ticket = await listTicket(seller)
    const before = await tickets(world.visitor(), `ids=${ticket.id}`)
    await before.hears(() => true)
    // An open page does not delay the stop; if it did, the stop would never end.
    await world.stack.stopService('tickets')
    await until(
      async () => before.ended(),
      (ended) => ended,
      'the stream to be ended',
    )
    await world.stack.startService('tickets')
    await seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 5100 })
    await using after = await tickets(world.visitor(), `ids=${ticket.id}`, before.heard[0]?.id)
    await after.hears(({ data }) => data.price === 5100)
  })

  it('names what it listens to, in exactly one way', async () => {
    const id = '01900000-0000-7000-8000-000000000000'
    for (const query of ['', 'ids=', 'ids=x', `ids=${id}&eventId=${id}`, `eventId=x`, `ids=${Array(101).fill(id)}`])
      expect([query, ...refusalOf(await world.visitor().send('GET', `/api/tickets/live?${query}`))]).toEqual([
        query,
        400,
        'invalid',
      ])
  })

  it('is answered for HEAD without waiting', async () => {
    const answer = await fetch(`${world.stack.url}/api/tickets/live?eventId=01900000-0000-7000-8000-000000000000`, {
      method: 'HEAD',
    })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/event-stream'),
    ])
  })
})

it('a page with an event receives tickets that are listed for it, and no others', async () => {
  const seller = await world.member()
  const listing = {
    title: 'One seat',
    price: 4500,
    event: { name: 'A night of its own', venue: 'Hall', startsAt: '2099-01-01T20:00:00Z' },
  }
  const first = await seller.expect<Ticket>(201, 'POST', '/api/tickets', listing)
  await using page = await tickets(world.visitor(), `eventId=${first.event!.id}`)
  await page.hears(({ data }) => data.id === first.id)
  const other = await listTicket(seller)
  const second = await seller.expect<Ticket>(201, 'POST', '/api/tickets', listing)
  await page.hears(({ data }) => data.id === second.id)
  expect(page.heard.map(({ data }) => data.id)).not.toContain(other.id)
})

describe('a page with an order', () => {
  it('follows it to its end, and receives only what an order shows', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const made = await reserve(buyer, (await listTicket(seller)).id)
    await using page = await order(buyer, made.id)
    await page.hears(({ data }) => data.status === 'awaiting:payment')
    await payable(world, made.id)
    await pay(buyer, made.id)
    await page.hears(({ data }) => data.status === 'complete')
    const shown = await buyer.expect<Order>(200, 'GET', `/api/orders/${made.id}`)
    expect(page.heard.at(-1)?.data).toEqual(shown)
    for (const { data } of page.heard) {
      expect(checker(liveOrder.stream.order)(data)).toMatchObject({ ok: true })
      expect(Object.keys(data).filter((key) => !(key in shown) && key !== 'reason')).toEqual([])
    }
  })

  it('is for its buyer only', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const made = await reserve(buyer, (await listTicket(seller)).id)
    const at = `/api/orders/${made.id}/live`
    expect(refusalOf(await world.visitor().send('GET', at))).toEqual([401, 'not-signed-in'])
    for (const client of [seller, await world.member()])
      expect(refusalOf(await client.send('GET', at))).toEqual([403, 'forbidden'])
    expect(refusalOf(await buyer.send('GET', at.replace(made.id, '01900000-0000-7000-8000-000000000000')))).toEqual([
      404,
      'not-found',
    ])
  })

  it('receives nothing more once its buyer is signed out everywhere [S1]', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const made = await reserve(buyer, (await listTicket(seller)).id)
    await using page = await order(buyer, made.id)
    await page.hears(({ data }) => data.status === 'awaiting:payment')
    const copied = Object.assign(world.visitor(), { cookie: buyer.cookie })
    await buyer.expect(200, 'POST', '/api/users/signout-everywhere')
    await until(
      () => askedDirectly(copied),
      (statuses) => statuses.every((status) => status === 401),
      'every replica to refuse the session',
    )
    await world.clock.advance(901_000)
    await until(
      async () => page.ended(),
      (ended) => ended,
      'the stream to be ended',
    )
    expect(page.heard.map(({ data }) => data.status)).not.toContain('cancelled')
  })
})

it('five hundred pages with one ticket all receive a change', async () => {
  const seller = await world.member()
  const ticket = await listTicket(seller)
  const pages = await Promise.all(Array.from({ length: 500 }, () => tickets(world.visitor(), `ids=${ticket.id}`)))
  await seller.expect(200, 'PATCH', `/api/tickets/${ticket.id}`, { price: 12_300 })
  await Promise.all(pages.map((page) => page.hears(({ data }) => data.price === 12_300)))
  for (const page of pages) await page[Symbol.asyncDispose]()
})

describe('more pages than may listen', () => {
  it('are told so and when to come back, a sale continues, and a page that leaves makes room', async () => {
    await using small = await openWorld({ STREAMS_MAX: 3 })
    const [seller, buyer] = [await small.member(), await small.member()]
    const ticket = await listTicket(seller)
    const path = `/api/tickets/live?ids=${ticket.id}`
    const origin = small.stack.origins('tickets')[0]!
    const open = () => listen<Ticket>(origin, small.visitor(), path)
    const pages = [await open(), await open(), await open()]
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200])
    const refused = await fetch(`${origin}${path}`)
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'too-many-streams'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(20)
    const bought = await reserve(buyer, ticket.id)
    await payable(small, bought.id)
    await pay(buyer, bought.id)
    await pages[0]!.hears(({ data }) => data.status === 'sold')
    await pages[0]![Symbol.asyncDispose]()
    await until(
      async () => {
        await using page = await open()
        return page.status
      },
      (status) => status === 200,
      'a place for one more page',
    )
    for (const page of pages) await page[Symbol.asyncDispose]()
  })

  it('of one person or at one address leave room for others', async () => {
    await using limited = await openWorld({ RATE_LIMIT: '1200' })
    const ticket = await listTicket(await limited.member())
    const [greedy, other] = [await limited.member(), await limited.member()]
    const origin = limited.stack.origins('tickets')[0]!
    const pages: Listening<Ticket>[] = []
    const open = async (client: Client, address: string) => {
      const page = await listen<Ticket>(origin, client, `/api/tickets/live?ids=${ticket.id}`, undefined, {
        'x-forwarded-for': address,
      })
      pages.push(page)
      return page
    }
    const statuses = async (count: number, client: Client, address: (n: number) => string) => {
      const all = await Promise.all(Array.from({ length: count }, (_, n) => open(client, address(n))))
      return all.map(({ status }) => status).toSorted()
    }
    // From any address, ten pages are one person's share.
    expect(await statuses(12, greedy, (n) => `203.0.113.${n}`)).toEqual([...Array(10).fill(200), 503, 503])
    expect(await statuses(1, other, () => '203.0.113.1')).toEqual([200])
    expect(await statuses(52, limited.visitor(), () => '198.51.100.1')).toEqual([...Array(50).fill(200), 503, 503])
    expect(await statuses(1, limited.visitor(), () => '198.51.100.2')).toEqual([200])
    for (const page of pages) await page[Symbol.asyncDispose]()
  })
})
