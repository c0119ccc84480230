// Simultaneous actions, for real and many times: whichever wins, the world ends in a consistent state. At the
// end of the file every round is checked against the records of the payment sandbox (closeWorld).

import type { Order, Payment, Ticket, User } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import { listTicket, openWorld, orderIn, pay, payable, refusalOf, reserve, ticketIn, type World } from '../world.ts'

const rounds = 20
// Shorter than the lease of a call to the provider, so that expiry races with the payment and not with its
// retry.
const windowMs = 30_000

type Member = Client & { user: User }

let world: World
let seller: Member
let crowd: Member[]
beforeAll(async () => {
  world = await openWorld({ ORDER_WINDOW_SECONDS: windowMs / 1000 })
  seller = await world.member('Seller')
  crowd = await Promise.all(Array.from({ length: 50 }, () => world.member()))
})
afterAll(() => closeWorld(world))

const everyRound = Array.from({ length: rounds }, (_, round) => round)
const one = (array: Member[], index: number): Member => array[index % array.length]!

/**
 * How far a payment has come when the other side of the race starts. Each round has its own, so that each side
 * wins some.
 */
const moments = [
  { when: 'at once', at: async () => {} },
  { when: 'while the card is being authorised', at: (order: Order) => paymentIs(order, 'created') },
  { when: 'when the card is authorised', at: (order: Order) => paymentIs(order, 'authorized') },
  { when: 'when the buyer has their answer', at: (_: Order, paying: Promise<unknown>) => paying },
  { when: 'when the order knows of it', at: (order: Order) => orderHears(order) },
]
const orderHears = (order: Order) =>
  until(
    () => world.sql('orders')`select 1 from orders where id = ${order.id} and status <> 'awaiting:payment'`,
    (moved) => moved.length === 1,
    `order ${order.id} to hear of its payment`,
  )
const paymentIs = (order: Order, status: Payment['status']) =>
  until(
    () => world.sql('payments')<{ status: string }[]>`select status from payments where order_id = ${order.id}`,
    ([payment]) => payment !== undefined && (status === 'created' || payment.status !== 'created'),
    `the payment of ${order.id} to be ${status}`,
  )

async function orderToPay(buyer: Client) {
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  return { ticket, order }
}

/** Either the buyer has the ticket and has paid for it, or neither: nothing in between. */
async function oneOrTheOther(
  buyer: Client,
  { ticket, order }: { ticket: Ticket; order: Order },
  reason: Order['reason'],
) {
  const ended = await buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`)
  const { status } = await buyer.expect<Ticket>(200, 'GET', `/api/tickets/${ticket.id}`)
  const provider = await providerSide(world, order.id)
  if (ended.status === 'complete') {
    expect(status).toBe('sold')
    expect(provider).toEqual({
      intents: [{ status: 'succeeded', amount: 4500 }],
      captures: 1,
      captured: 4500,
      refunded: 0,
    })
  } else {
    expect(ended).toMatchObject({ status: 'cancelled', reason })
    expect(status).toBe('listed')
    expect(provider.captured).toBe(0)
    for (const intent of provider.intents) expect(intent.status).toBe('canceled')
  }
  return ended.status
}

describe('of fifty buyers of one ticket at once', () => {
  it(`exactly one gets it, in each of ${rounds} rounds [R1]`, async () => {
    for (const round of everyRound) {
      const ticket = await listTicket(seller)
      await world.settled()
      const replies = await Promise.all(
        crowd.map((buyer) => buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id })),
      )
      const won = replies.flatMap((reply, index) =>
        reply.status === 201 ? [{ buyer: one(crowd, index), order: reply.body }] : [],
      )
      expect(won, `round ${round}`).toHaveLength(1)
      for (const reply of replies.filter(({ status }) => status !== 201))
        expect(refusalOf(reply)).toEqual([409, 'ticket-taken'])
      await orderIn(won[0]!.buyer, won[0]!.order.id, 'awaiting:payment')
    }
  })

  it('exactly one gets it also when the window of an earlier buyer has run out [R1] [R9]', async () => {
    const ticket = await listTicket(seller)
    const slow = await world.member()
    const abandoned = await reserve(slow, ticket.id)
    await world.settled()
    await world.stack.stopService('expiration')
    await world.clock.advance(windowMs + 1_000)
    const replies = await Promise.all(
      crowd.map((buyer) => buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(crowd.length - 1).fill(409)])
    await world.stack.startService('expiration')
    const winner = replies.findIndex(({ status }) => status === 201)
    await orderIn(one(crowd, winner), replies[winner]!.body.id, 'awaiting:payment')
    expect((await orderIn(slow, abandoned.id, 'cancelled')).reason).toBe('expired')
  })
})

describe('a buyer who cancels while they pay in another tab', () => {
  it(`has either bought or cancelled, in each of ${rounds} rounds`, { timeout: 90_000 }, async () => {
    const ends = await Promise.all(
      everyRound.map(async (round) => {
        const buyer = one(crowd, round)
        const sale = await orderToPay(buyer)
        const { order } = sale
        const paying = buyer.send<Payment>('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
        await moments[round % moments.length]!.at(order, paying)
        const cancelled = await buyer.send('DELETE', `/api/orders/${order.id}`)
        const paid = await paying
        return { buyer, sale, cancelled, paid }
      }),
    )
    await world.settled()
    const outcomes = new Set<string>()
    for (const { buyer, sale, cancelled, paid } of ends) {
      const outcome = await oneOrTheOther(buyer, sale, 'buyer')
      outcomes.add(outcome)
      // What the buyer was told is what happened. A 201 only says that the card was authorised.
      if (cancelled.status === 204) expect(outcome).toBe('cancelled')
      else expect([outcome, ...refusalOf(cancelled)]).toEqual(['complete', 409, 'order-not-cancellable'])
      if (paid.status !== 201) expect([outcome, ...refusalOf(paid)]).toEqual(['cancelled', 409, 'order-not-payable'])
    }
    expect([...outcomes].sort(), 'both sides to win some rounds').toEqual(['cancelled', 'complete'])
  })
})

describe('a window that runs out while its buyer pays', () => {
  it(`ends in a sale or in an expired order, in each of ${rounds} rounds [P1]`, { timeout: 90_000 }, async () => {
    const outcomes = new Set<string>()
    for (const round of everyRound) {
      const buyer = one(crowd, round)
      const sale = await orderToPay(buyer)
      const { order } = sale
      const paying = buyer.send<Payment>('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
      await moments[round % moments.length]!.at(order, paying)
      await world.clock.advance(windowMs + 1_000)
      const paid = await paying
      await world.settled()
      // The timer may ring a moment after everything else is quiet.
      await until(
        () => buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`),
        ({ status }) => status === 'complete' || status === 'cancelled',
        `order ${order.id} to have ended`,
      )
      await world.settled()
      const outcome = await oneOrTheOther(buyer, sale, 'expired')
      outcomes.add(outcome)
      if (paid.status !== 201) expect([outcome, ...refusalOf(paid)]).toEqual(['cancelled', 409, 'order-not-payable'])
    }
    expect([...outcomes].sort(), 'both sides to win some rounds').toEqual(['cancelled', 'complete'])
  })
})

describe('a payment that begins while payments is consuming the end of its order', () => {
  it('is refused or voided, not forgotten [P1]', async () => {
    const buyer = one(crowd, 0)
    const { order } = await orderToPay(buyer)
    const payments = world.sql('payments')
    // The end of the order is written, the search for its payment found none, and the commit waits for us.
    await payments.unsafe(`
      create function wait_for_us() returns trigger language plpgsql
        as 'begin perform pg_advisory_xact_lock(1); return null; end';
      create constraint trigger wait_for_us after update on orders deferrable initially deferred
        for each row execute function wait_for_us()`)
    const gate = await payments.reserve()
    await gate`select pg_advisory_lock(1)`
    await buyer.expect(204, 'DELETE', `/api/orders/${order.id}`)
    const state = async () => {
      const [row] = await payments<{ waiting: number; authorized: number }[]>`
        select (select count(*)::int from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock') as waiting,
               (select count(*)::int from payments where order_id = ${order.id} and status = 'authorized') as authorized`
      return row!
    }
    await until(state, ({ waiting }) => waiting === 1, 'payments to hear of the end')
    const paying = buyer.send('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
    await until(state, (now) => now.waiting === 2 || now.authorized === 1, 'the payment to wait or to be authorised')
    await gate`select pg_advisory_unlock(1)`
    gate.release()
    const reply = await paying
    await payments`drop function wait_for_us cascade`
    await world.settled()
    expect(refusalOf(reply)).toEqual([409, 'order-not-payable'])
    for (const { status } of (await providerSide(world, order.id)).intents) expect(status).toBe('canceled')
  })
})

describe('a seller who changes the price while a buyer reserves', () => {
  it(`never makes the buyer pay a price other than the one shown, in each of ${rounds} rounds [R11] [P6]`, async () => {
    const tickets = await Promise.all(everyRound.map(() => listTicket(seller, { price: 4500 })))
    await world.settled()
    await Promise.all(
      tickets.map(async (ticket, round) => {
        const buyer = one(crowd, round)
        const edit = () => seller.send<Ticket>('PATCH', `/api/tickets/${ticket.id}`, { price: 9900 })
        const order = () => buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id })
        const [edited, ordered] =
          round % 2 === 0 ? await Promise.all([edit(), order()]) : (await Promise.all([order(), edit()])).toReversed()
        if (edited!.status !== 200) expect(refusalOf(edited!)).toEqual([409, 'ticket-reserved'])
        expect(ordered!.status).toBe(201)
        const shown = (ordered!.body as Order).ticket.price
        const { id } = ordered!.body
        const held = await until(
          () => buyer.expect<Order>(200, 'GET', `/api/orders/${id}`),
          ({ status }) => status !== 'created',
          `order ${id} to be decided`,
        )
        if (held.status === 'cancelled') {
          expect(held.reason).toBe('price-changed')
          expect((await ticketIn(buyer, ticket.id, 'listed')).price).toBe(9900)
          return
        }
        expect(held.ticket.price).toBe(shown)
        expect((await ticketIn(buyer, ticket.id, 'reserved')).price).toBe(shown)
        await payable(world, id)
        expect((await pay(buyer, id)).amount).toBe(shown)
        await orderIn(buyer, id, 'complete')
        expect((await providerSide(world, id)).captured).toBe(shown)
      }),
    )
  })
})

describe('a seller who withdraws a ticket while a buyer reserves', () => {
  it(`has either withdrawn it or not, in each of ${rounds} rounds`, async () => {
    const tickets = await Promise.all(everyRound.map(() => listTicket(seller)))
    await world.settled()
    await Promise.all(
      tickets.map(async (ticket, round) => {
        const buyer = one(crowd, round)
        const [gone, ordered] = await Promise.all([
          seller.send('DELETE', `/api/tickets/${ticket.id}`),
          buyer.send<Order>('POST', '/api/orders', { ticketId: ticket.id }),
        ])
        if (ordered.status !== 201) {
          expect([gone.status, ...refusalOf(ordered)]).toEqual([204, 409, 'ticket-withdrawn'])
          return
        }
        const held = await until(
          () => buyer.expect<Order>(200, 'GET', `/api/orders/${ordered.body.id}`),
          ({ status }) => status !== 'created',
          `order ${ordered.body.id} to be decided`,
        )
        if (gone.status === 204) expect(held).toMatchObject({ status: 'cancelled', reason: 'ticket-unavailable' })
        else expect([held.status, ...refusalOf(gone)]).toEqual(['awaiting:payment', 409, 'ticket-reserved'])
      }),
    )
  })
})

describe('sign-ups with one email at once', () => {
  it('make one owner of it, whatever the letter case [S3]', async () => {
    for (const round of everyRound.slice(0, 5)) {
      const spellings = [
        `Nora.${round}@Aisle.test`,
        `nora.${round}@aisle.test`,
        ` NORA.${round}@AISLE.TEST `,
        `nora.${round}@aisle.test`,
      ]
      const replies = await Promise.all(
        spellings.map((email) =>
          world.visitor().send('POST', '/api/users/signup', { email, password: 'a good password' }),
        ),
      )
      expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 201])
      const owners = await world.sql('auth')`select 1 from users where email_normalized = ${spellings[1]!}`
      expect(owners).toHaveLength(1)
    }
  })
})
