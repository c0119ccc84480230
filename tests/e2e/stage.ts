// A marketplace in which every page has content: the demo's events, a seller, a buyer, and a ticket or an order
// in each state.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event, Order, Ticket } from '@aisle/contracts/entities'
import { seed } from '@aisle/dev/seed'
import type { Client } from '../client.ts'
import { pay, payable, reserve } from '../world.ts'
import type { Person } from './person.ts'
import type { Member, Site } from './site.ts'

export type Stage = {
  site: Site
  seller: Member
  buyer: Member
  /** Signed in, with nothing bought and nothing for sale. */
  newcomer: Member
  visitor: Person
  admin: Person & { readonly client: Client }
  event: Event
  /** A ticket of the demo that is for sale. */
  ticket: Ticket
  /** Another ticket of the seller, listed for its page. */
  list(seat?: Ticket['seat']): Promise<Ticket>
  /** A new unpaid order of the buyer. */
  order(): Promise<Order>
  /** A new paid order. */
  paid(): Promise<Order>
  /** An order that ended for the reason. It is written into its row, because only the page is checked here. */
  ended(reason: NonNullable<Order['reason']>): Promise<Order>
}

/** A page, or one state of it. */
export type Screen = {
  name: string
  /** Goes there, and returns the person who sees it. */
  show(stage: Stage): Promise<Person>
}

/** Fills the marketplace as `npm start` does. */
export async function seedDemo(site: Site): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'aisle-seed-'))
  await seed(site.world.stack.url, directory)
  await rm(directory, { recursive: true })
  await site.world.settled()
}

export async function setStage(site: Site): Promise<Stage> {
  await seedDemo(site)
  const [seller, buyer, newcomer] = [await site.member('Mara'), await site.member('Jonas'), await site.member('Lena')]
  const events = await seller.client.expect<Event[]>(200, 'GET', '/api/events?q=Seagull')
  const tickets = await seller.client.expect<Ticket[]>(200, 'GET', '/api/tickets?q=stalls')
  let seats = 10

  const list = async (seat: Ticket['seat'] = { section: 'Stalls', row: '9', number: String(++seats) }) => {
    const ticket = await seller.client.expect<Ticket>(201, 'POST', '/api/tickets', {
      title: 'Stalls, near the aisle',
      price: 5800,
      currency: 'eur',
      description: 'I hand it over at the main entrance, half an hour before it begins.',
      eventId: events[0]!.id,
      ...(seat ? { seat } : {}),
    })
    await site.world.settled()
    return ticket
  }
  const order = async () => {
    const reserved = await reserve(buyer.client, (await list()).id)
    await payable(site.world, reserved.id)
    return reserved
  }
  const paid = async () => {
    const bought = await order()
    await pay(buyer.client, bought.id)
    await site.world.settled()
    return bought
  }
  return {
    site,
    seller,
    buyer,
    newcomer,
    visitor: await site.visitor(),
    admin: await site.admin(),
    event: events[0]!,
    ticket: tickets[0]!,
    list,
    order,
    paid,
    async ended(reason) {
      const reserved = await order()
      await cancel(buyer.client, reserved)
      await site.world.settled()
      await site.world.sql('orders')`update orders set reason = ${reason} where id = ${reserved.id}`
      return reserved
    },
  }
}

const cancel = (buyer: Client, { id }: Order) => buyer.expect(204, 'DELETE', `/api/orders/${id}`)
