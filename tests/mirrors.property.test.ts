// A mirror ends up equal to its source, whatever happens to the messages on the way: a history of 1,000,
// shuffled and with duplicates, is applied in batches. On failure fast-check prints the seed.

import type { Envelope } from '@aisle/contracts/message'
import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { OrderCancelled, OrderCreated, OrderReserved } from '@aisle/contracts/messages/orders'
import {
  TicketCreated,
  TicketReleased,
  TicketReserved,
  TicketSold,
  TicketUpdated,
  TicketWithdrawn,
} from '@aisle/contracts/messages/tickets'
import { services } from '@aisle/dev/stack'
import { newId } from '@aisle/kit/time/ids'
import fc from 'fast-check'
import type postgres from 'postgres'
import { describe, expect, it } from 'vitest'
import { again, envelope, type OneService, openService, orderState, ticketState } from './one-service.ts'

const length = 1_000
const runs = 5

type Step = { thing: number; kind: number; value: number }
/** The messages about some things, oldest first, and the rows that a mirror must have afterwards, by id. */
type History = { messages: Envelope[]; end: Map<string, unknown> }

/**
 * Steps about seven things, how their messages are shuffled, which are duplicated, and how they are split into
 * commits.
 */
const histories = fc.record({
  steps: fc.array(fc.record({ thing: fc.nat(6), kind: fc.nat(4), value: fc.integer({ min: 50, max: 99_999_999 }) }), {
    minLength: length,
    maxLength: length,
    size: 'max',
  }),
  places: fc.array(fc.nat(1_000_000), { minLength: length, maxLength: length, size: 'max' }),
  doubled: fc.array(fc.nat(length - 1), { maxLength: 200, size: 'max' }),
  commitSize: fc.integer({ min: 1, max: 400 }),
})

function scramble(messages: readonly Envelope[], places: readonly number[], doubled: readonly number[]): Envelope[] {
  const copies = doubled.flatMap((at, i) => {
    const message = messages[at]
    return message ? [{ message: i % 2 === 0 ? message : again(message), place: places[(at * 7 + i) % length]! }] : []
  })
  return [...messages.map((message, i) => ({ message, place: places[i]! })), ...copies]
    .toSorted((a, b) => a.place - b.place)
    .map(({ message }) => message)
}

function tickets(steps: readonly Step[]): History {
  const states = Array.from({ length: 7 }, () => ticketState())
  const kinds = [TicketUpdated, TicketReserved, TicketReleased, TicketSold, TicketWithdrawn]
  const statuses = ['listed', 'reserved', 'listed', 'sold', 'withdrawn'] as const
  const seen = new Set<number>()
  const messages = steps.map(({ thing, kind, value }) => {
    const before = states[thing]!
    const message = seen.has(thing) ? kinds[kind]! : TicketCreated
    const status = seen.has(thing) ? statuses[kind]! : 'listed'
    const version = seen.has(thing) ? before.version + 1 : 1
    seen.add(thing)
    const { orderId: _, ...rest } = before
    const holder = status === 'reserved' || status === 'sold' ? { orderId: newId() } : {}
    const state = { ...rest, ...holder, status, version, price: value, title: `Seat ${value}` }
    states[thing] = state
    return envelope(message, state.id, state)
  })
  const known = states.filter((_, index) => seen.has(index))
  return {
    messages,
    end: new Map(known.map(({ id, version, status, price, title }) => [id, { id, version, status, price, title }])),
  }
}

function orders(steps: readonly Step[]): History {
  const states = Array.from({ length: 7 }, () => orderState({ version: 0 as never }))
  const said = new Set<number>()
  const messages = steps.map(({ thing, kind }) => {
    said.add(thing)
    const before = states[thing]!
    const status = before.version === 0 ? 'created' : kind === 4 ? 'cancelled' : 'awaiting:payment'
    const message = status === 'created' ? OrderCreated : status === 'cancelled' ? OrderCancelled : OrderReserved
    const state = { ...before, status, version: before.version + 1 } as typeof before
    states[thing] = state
    return envelope(message, state.id, state)
  })
  const known = states.filter((_, index) => said.has(index))
  return {
    messages,
    end: new Map(
      known.map(({ id, version, status, buyerId, sellerId }) => [id, { id, version, status, buyerId, sellerId }]),
    ),
  }
}

function users(steps: readonly Step[]): History {
  const states = Array.from({ length: 7 }, () => ({
    id: newId(),
    version: 0,
    name: '',
    banned: false,
    confirmed: false,
  }))
  const said = new Set<number>()
  const messages = steps.map(({ thing, value, kind }) => {
    said.add(thing)
    const before = states[thing]!
    const state = {
      ...before,
      version: before.version + 1,
      name: `Name ${value}`,
      banned: kind === 0,
      confirmed: before.confirmed || kind === 1,
    }
    states[thing] = state
    return envelope(state.version === 1 ? UserCreated : UserUpdated, state.id, state)
  })
  const known = states.filter((_, index) => said.has(index))
  return {
    messages,
    end: new Map(
      known.map(({ id, version, name, banned, confirmed }) => [id, { id, version, name, banned, confirmed }]),
    ),
  }
}

/** What orders knows of users. */
function bans(steps: readonly Step[]): History {
  const { messages, end } = users(steps)
  const withoutName = ({ name: _, ...row }: { name: string }) => row
  return { messages, end: new Map([...end].map(([id, row]) => [id, withoutName(row as { name: string })])) }
}

describe.each([
  ['tickets', 'orders', tickets, 'select id, version, status, price, title from tickets'],
  ['orders', 'payments', orders, 'select id, version, status, buyer_id, seller_id from orders'],
  ['users', 'tickets', users, 'select id, version, name, banned, confirmed from users'],
  ['users', 'orders', bans, 'select id, version, banned, confirmed from users'],
] as const)('the mirror of %s in %s', (_, name, historyOf, rows) => {
  it(`ends equal to its source after ${length} messages, shuffled and duplicated [M5, M9, R10]`, async () => {
    await using service: OneService = await openService(services.find((one) => one.name === name)!)
    const mirror = async (ids: string[]): Promise<Map<string, unknown>> => {
      const found = await (service.sql as postgres.Sql).unsafe<{ id: string }[]>(`${rows} where id = any($1)`, [ids])
      return new Map([...found].map((row) => [row.id, { ...row }]))
    }
    await fc.assert(
      fc.asyncProperty(histories, async ({ steps, places, doubled, commitSize }) => {
        const { messages, end } = historyOf(steps)
        // A reservation refers to an order that this service has; only the tickets matter here.
        if (name === 'orders') await makeOrders(service, messages)
        const scrambled = scramble(messages, places, doubled)
        for (let at = 0; at < scrambled.length; at += commitSize)
          await service.publish(...scrambled.slice(at, at + commitSize))
        await service.settled()
        const ids = [...end.keys()]
        const byId = (map: Map<string, unknown>) => ids.map((id) => map.get(id))
        expect(byId(await mirror(ids))).toEqual(byId(end))
        expect(await service.sql`select error from parked_messages`).toEqual([])
      }),
      // No shrinking: each run is real databases. The printed seed reproduces it.
      { numRuns: runs, endOnFailure: true },
    )
  })
})

async function makeOrders({ sql }: OneService, messages: readonly Envelope[]): Promise<void> {
  const held = messages
    .filter(({ type }) => type === 'ticket:reserved')
    .map(({ data }) => (data as { orderId: string }).orderId)
  await sql`
    insert into orders (id, version, status, reason, buyer_id, seller_id, ticket_id, ticket_version, title, price,
      currency, expires_at, created_at, updated_at)
    select id::uuid, 1, 'cancelled', 'expired', id::uuid, id::uuid, id::uuid, 1, '', 50, 'eur', now(), now(), now()
    from unnest(${held}::text[]) id`
}
