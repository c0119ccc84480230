// Messages about one subject in every possible order: a service always ends in the state of the last one. See
// also reactions.test.ts.

import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderPaymentAccepted,
  OrderRefunded,
  OrderReserved,
  type OrderState,
} from '@aisle/contracts/messages/orders'
import { PaymentCreated, PaymentRefunded } from '@aisle/contracts/messages/payments'
import { TicketCreated, TicketReserved, TicketSold, TicketUpdated } from '@aisle/contracts/messages/tickets'
import { services } from '@aisle/dev/stack'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { again, envelope, type OneService, openService, orderState, paymentState, ticketState } from './one-service.ts'

const open = (name: string) => openService(services.find((one) => one.name === name)!)

/** The messages of an order's life. */
function lifeOf(first: OrderState) {
  const state = (status: OrderState['status'], version: number, fields: Partial<OrderState> = {}) => ({
    ...first,
    status,
    version,
    ...fields,
  })
  const paymentId = newId()
  return {
    created: envelope(OrderCreated, first.id, first),
    reserved: envelope(OrderReserved, first.id, state('awaiting:payment', 2)),
    accepted: envelope(OrderPaymentAccepted, first.id, state('paying', 3, { paymentId })),
    completed: envelope(OrderCompleted, first.id, state('complete', 4, { paymentId })),
    cancelled: envelope(OrderCancelled, first.id, state('cancelled', 3, { reason: 'buyer' })),
    refunded: envelope(OrderRefunded, first.id, state('refunded', 5, { paymentId })),
    completedAgain: envelope(OrderCompleted, first.id, state('complete', 6, { paymentId })),
    refundedAgain: envelope(OrderRefunded, first.id, state('refunded', 7, { paymentId })),
  }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]))
}

describe('tickets', () => {
  let service: OneService
  beforeAll(async () => {
    service = await open('tickets')
  })
  afterAll(() => service[Symbol.asyncDispose]())

  async function listed() {
    const { sql } = service
    const [sellerId, id] = [newId(), newId()]
    await sql`insert into users (id, version, name) values (${sellerId}, 1, 'Sue')`
    await sql`
      insert into tickets (id, version, title, price, currency, seller_id, status, search, created_at, updated_at)
      values (${id}, 1, 'One seat', 4500, 'eur', ${sellerId}, 'listed', '', now(), now())`
    const orderOf = () => orderState({ sellerId, ticket: { id, title: 'One seat', price: 4500, currency: 'eur' } })
    const state = async () => (await sql`select status, order_id from tickets where id = ${id}`)[0]
    return { id, orderOf, state }
  }

  it('hold nothing for an order whose end arrives first, and publish nothing [M9]', async () => {
    const { id, orderOf, state } = await listed()
    const { created, cancelled } = lifeOf(orderOf())
    await service.say(cancelled)
    await service.say(created)
    await service.say(again(created), again(cancelled))
    expect(await state()).toEqual({ status: 'listed', orderId: null })
    expect(await service.saidAbout(id)).toEqual([])
  })

  it('are sold to the completed order, though its creation arrives last', async () => {
    const { id, orderOf, state } = await listed()
    const order = orderOf()
    const { created, completed } = lifeOf(order)
    await service.publish(completed)
    await until(
      () => service.sql`select 1 from parked_messages`,
      (rows) => rows.length === 1,
      'the completion to be set aside',
    )
    await service.say(created)
    expect(await state()).toEqual({ status: 'sold', orderId: order.id })
    expect(await service.saidAbout(id)).toEqual(['ticket:reserved', 'ticket:sold'])
  })

  it.each([
    ['has failed since', ['completed', 'refunded', 'completedAgain'] as const, false],
    ['was made again', ['completed', 'refunded', 'completedAgain', 'refundedAgain'] as const, true],
  ])(
    'are refunded or not according to the latest message, in any order, for a refund that %s',
    async (_, names, refunded) => {
      for (const order of permutations(names)) {
        const { id, orderOf } = await listed()
        const life = lifeOf(orderOf())
        await service.say(life.created)
        for (const name of order) await service.publish(life[name])
        await service.settled()
        await until(
          () => service.sql`select 1 from parked_messages`,
          (rows) => rows.length === 0,
          'every message to have had its effect',
        )
        const [ticket] = await service.sql`
        select status, refunded_at is not null as refunded from tickets where id = ${id}`
        expect(ticket, order.join(', ')).toEqual({ status: 'sold', refunded })
      }
    },
  )

  it('are not released by an order that does not hold them [R3, R5]', async () => {
    const { id, orderOf, state } = await listed()
    const [first, second] = [orderOf(), orderOf()]
    const [one, two] = [lifeOf(first), lifeOf(second)]
    await service.say(one.created)
    await service.say(one.cancelled)
    await service.say(two.created)
    await service.say(again(one.cancelled), one.cancelled, again(one.created))
    expect(await state()).toEqual({ status: 'reserved', orderId: second.id })
    expect(await service.saidAbout(id)).toEqual(['ticket:reserved', 'ticket:released', 'ticket:reserved'])
  })

  it('are withdrawn by a ban that arrives before their seller, or while an order holds them', async () => {
    const { id, orderOf, state } = await listed()
    const order = orderOf()
    const { created, cancelled } = lifeOf(order)
    const user = banned(order.sellerId)
    await service.say(created)
    await service.say(user.banned)
    await carriedOut(service)
    expect(await state()).toEqual({ status: 'reserved', orderId: order.id })
    await service.say(user.created, cancelled)
    await service.say(again(user.banned), again(cancelled))
    expect(await state()).toEqual({ status: 'withdrawn', orderId: null })
    expect(await service.saidAbout(id)).toEqual(['ticket:reserved', 'ticket:withdrawn'])
  })

  it('stay listed when a ban arrives after its end', async () => {
    const { id, orderOf, state } = await listed()
    const user = banned(orderOf().sellerId)
    await service.say(user.lifted)
    await service.say(user.banned, user.created)
    await carriedOut(service)
    expect(await state()).toEqual({ status: 'listed', orderId: null })
    expect(await service.saidAbout(id)).toEqual([])
  })

  it('of a banned seller are withdrawn in batches, however many there are', async () => {
    const { sql } = service
    const sellerId = newId()
    await sql`insert into users (id, version, name) values (${sellerId}, 1, 'Sue')`
    await sql`
      insert into tickets (id, version, title, price, currency, seller_id, status, search, created_at, updated_at)
      select uuidv7(), 1, 'One seat', 4500, 'eur', ${sellerId}, 'listed', '', now(), now() from generate_series(1, 250)`
    await service.say(banned(sellerId).banned)
    await carriedOut(service)
    const said = await sql<{ count: number }[]>`
      select count(*)::int from outbox where message ->> 'type' = 'ticket:withdrawn'
        and message #>> '{data,seller,id}' = ${sellerId} group by xid order by xid`
    expect(said.map(({ count }) => count)).toEqual([100, 100, 50])
  })

  it('are held by the next order, though it arrives before the end of the previous one', async () => {
    const { id, orderOf, state } = await listed()
    const [first, second] = [orderOf(), orderOf()]
    await service.say(lifeOf(first).created)
    await service.publish(lifeOf(second).created)
    await until(
      () => service.sql`select 1 from parked_messages`,
      (rows) => rows.length === 1,
      'the second order to wait',
    )
    await service.say(lifeOf(first).cancelled)
    expect(await state()).toEqual({ status: 'reserved', orderId: second.id })
    expect(await service.saidAbout(id)).toEqual(['ticket:reserved', 'ticket:released', 'ticket:reserved'])
  })
})

/** A user in three states: signed up, banned, and unbanned. */
function banned(id: string) {
  const state = (version: number, banned: boolean) => ({ id, version, name: 'Sue', banned })
  return {
    created: envelope(UserCreated, id, state(1, false)),
    banned: envelope(UserUpdated, id, state(2, true)),
    lifted: envelope(UserUpdated, id, state(3, false)),
  }
}
const carriedOut = ({ sql }: OneService) =>
  until(
    () => sql`select 1 from users where ban_open`,
    (rows) => rows.length === 0,
    'the ban to be carried out',
  )

describe('expiration', () => {
  it('sets no timer for an order whose end arrives first, in whatever order the rest comes [M9, M14]', async () => {
    await using service = await open('expiration')
    for (const end of ['accepted', 'cancelled'] as const) {
      const order = orderState()
      const life = lifeOf(order)
      await service.say(life[end])
      await service.say(life.created, again(life[end]))
      const rows = await service.sql`select status from timers where order_id = ${order.id}`
      expect([end, rows]).toEqual([end, [{ status: 'dropped' }]])
    }
    expect((await service.everything()).said).toEqual([])
  })
})

describe('payments', () => {
  it('end with the newest state of an order, in whatever order its messages arrive [M5, M9]', async () => {
    await using service = await open('payments')
    for (const names of permutations(['created', 'reserved', 'cancelled'] as const)) {
      const order = orderState()
      const life = lifeOf(order)
      for (const name of names) await service.say(life[name])
      const rows = await service.sql`select status, version from orders where id = ${order.id}`
      expect([names, rows]).toEqual([names, [{ status: 'cancelled', version: 3 }]])
    }
    expect((await service.everything()).said).toEqual([])
    expect(await service.sql`select 1 from work`).toEqual([])
  })
})

describe('orders', () => {
  let service: OneService
  beforeAll(async () => {
    service = await open('orders')
  })
  afterAll(() => service[Symbol.asyncDispose]())

  it('are refunded in the end, though the refund arrives before the capture', async () => {
    const [id, paymentId] = [newId(), newId()]
    await service.sql`
      insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
        payment_id, expires_at, created_at, updated_at)
      values (${id}, 3, 'paying', ${newId()}, ${newId()}, ${newId()}, 1, 'One seat', 4500, 'eur', ${paymentId}, now(),
        now(), now())`
    const payment = paymentState({ id: paymentId, orderId: id, status: 'captured', version: 3 })
    await service.publish(
      envelope(PaymentRefunded, paymentId, { ...payment, status: 'refunded', version: 4, amountRefunded: 4500 }),
    )
    await until(
      () => service.sql`select 1 from parked_messages`,
      (rows) => rows.length === 1,
      'the refund to wait',
    )
    await service.say(envelope(PaymentCreated, paymentId, payment))
    expect(await service.sql`select status, version from orders where id = ${id}`).toEqual([
      { status: 'refunded', version: 5 },
    ])
    expect(await service.saidAbout(id)).toEqual(['order:completed', 'order:refunded'])
  })

  it.each(['buyer', 'seller'] as const)('placed while their %s was banned end when they are held', async (whose) => {
    const [id, ticketId, crook] = [newId(), newId(), newId()]
    await service.say(banned(crook).banned)
    await carriedOut(service)
    const [buyerId, sellerId] = whose === 'buyer' ? [crook, newId()] : [newId(), crook]
    await service.sql`
      insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
        expires_at, created_at, updated_at)
      values (${id}, 1, 'created', ${buyerId}, ${sellerId}, ${ticketId}, 1, 'One seat', 4500, 'eur', now(), now(),
        now())`
    const ticket = ticketState({ id: ticketId, status: 'reserved', orderId: id, version: 2 })
    await service.say(envelope(TicketReserved, ticketId, ticket))
    expect(await service.sql`select status, reason from orders where id = ${id}`).toEqual([
      { status: 'cancelled', reason: `${whose}-banned` },
    ])
    expect(await service.saidAbout(id)).toEqual(['order:cancelled'])
  })

  it('know a ticket’s current state, in whatever order its messages arrive [M5, M9, R10]', async () => {
    for (const order of permutations([1, 2, 3])) {
      const first = ticketState()
      const life = [
        envelope(TicketCreated, first.id, first),
        envelope(TicketUpdated, first.id, { ...first, version: 2, title: 'Two seats', price: 9000 }),
        envelope(TicketSold, first.id, {
          ...first,
          version: 3,
          title: 'Two seats',
          price: 9000,
          status: 'sold',
          orderId: newId(),
        }),
      ]
      for (const version of order) await service.say(life[version - 1]!)
      const rows = await service.sql`select version, status, title, price from tickets where id = ${first.id}`
      expect([order, rows]).toEqual([order, [{ version: 3, status: 'sold', title: 'Two seats', price: 9000 }]])
    }
  })
})
