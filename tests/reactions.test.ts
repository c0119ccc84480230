// Every reaction of every service, with its message redelivered, republished, late and out of order: the rows
// end the same, and no further message is published. The cases are compared with the services' own lists, so a
// new reaction without one fails.

import { beforeAnySession, SessionRevoked, UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { ExpirationComplete } from '@aisle/contracts/messages/expiration'
import { ContactKeyMade } from '@aisle/contracts/messages/notices'
import {
  OrderCancelled,
  OrderCompleted,
  OrderCreated,
  OrderExtended,
  OrderPaymentAccepted,
  OrderRefunded,
  OrderReserved,
  type OrderState,
  OrderUnknown,
} from '@aisle/contracts/messages/orders'
import {
  PaymentAuthorized,
  PaymentCreated,
  PaymentDelayed,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundFailed,
} from '@aisle/contracts/messages/payments'
import {
  TicketCreated,
  TicketRefused,
  TicketReleased,
  TicketReserved,
  TicketSold,
  TicketUpdated,
  TicketWithdrawn,
} from '@aisle/contracts/messages/tickets'
import { services } from '@aisle/dev/stack'
import { heardBy } from '@aisle/kit/boot/hears'
import { makeKeyPair } from '@aisle/kit/sealed'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { again, envelope, type OneService, openService, orderState, paymentState, ticketState } from './one-service.ts'
import type { Case, Cases } from './reaction-cases.ts'
import { casesOfErasures } from './reactions-erasures.ts'
import { casesOfNotices } from './reactions-notices.ts'

const revoked: Cases['x'] = async ({ sql }) => {
  const userId = newId()
  const at = (minute: number) => ({
    userId,
    version: minute,
    revokedBefore: `2026-05-01T12:0${minute}:00.000Z`,
    reason: 'banned' as const,
  })
  return {
    message: envelope(SessionRevoked, userId, at(2)),
    effect: async () =>
      expect(await sql`select revoked_before from session_revocations where user_id = ${userId}`).toEqual([
        { revokedBefore: new Date('2026-05-01T12:02:00Z') },
      ]),
    after: [envelope(SessionRevoked, userId, at(3))],
  }
}

const endedSession: Cases['x'] = async ({ sql }) => {
  const [userId, id] = [newId(), newId()]
  const end = (until: string) => ({
    userId,
    version: 1,
    revokedBefore: beforeAnySession,
    reason: 'signed-out-everywhere' as const,
    session: { id, until, reason: 'signed-out' as const },
  })
  return {
    message: envelope(SessionRevoked, userId, end('2099-05-01T12:00:00.000Z')),
    effect: async () => {
      expect(await sql`select until from ended_sessions where session_id = ${id}`).toEqual([
        { until: new Date('2099-05-01T12:00:00Z') },
      ])
      expect(await sql`select 1 from session_revocations where user_id = ${userId}`).toEqual([])
    },
  }
}

/** A seller with a listed ticket, and an order for it, in the tickets service. */
async function listed({ sql }: OneService) {
  const [sellerId, ticketId] = [newId(), newId()]
  await sql`insert into users (id, version, name) values (${sellerId}, 1, 'Sue')`
  await sql`
    insert into tickets (id, version, title, price, currency, seller_id, status, search, created_at, updated_at)
    values (${ticketId}, 1, 'One seat', 4500, 'eur', ${sellerId}, 'listed', '', now(), now())`
  const order = orderState({ sellerId, ticket: { id: ticketId, title: 'One seat', price: 4500, currency: 'eur' } })
  const is = async (status: string, holder: string | null = null) =>
    expect(await sql`select status, order_id from tickets where id = ${ticketId}`).toEqual([
      { status, orderId: holder },
    ])
  const later = (status: OrderState['status'], version: number, fields: Partial<OrderState> = {}): OrderState => ({
    ...order,
    status,
    version,
    ...fields,
  })
  return {
    ticketId,
    order,
    is,
    created: envelope(OrderCreated, order.id, order),
    cancelled: envelope(OrderCancelled, order.id, later('cancelled', 3, { reason: 'buyer' })),
    completed: envelope(OrderCompleted, order.id, later('complete', 4, { paymentId: newId() })),
    refunded: envelope(OrderRefunded, order.id, later('refunded', 5, { paymentId: newId() })),
    completedAgain: envelope(OrderCompleted, order.id, later('complete', 6, { paymentId: newId() })),
  }
}

/** A ticket and an order for it, in the orders service. */
async function ordered({ sql }: OneService, status: OrderState['status'] = 'created', price = 4500) {
  const [id, ticketId, paymentId] = [newId(), newId(), newId()]
  const accepted = status === 'paying' || status === 'complete' || status === 'refunded'
  await sql`
    insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
      payment_id, expires_at, created_at, updated_at)
    values (${id}, 1, ${status}, ${newId()}, ${newId()}, ${ticketId}, 1, 'One seat', ${price}, 'eur',
      ${accepted ? paymentId : null}, '2026-05-01T12:00:00Z', now(), now())`
  const is = async (expected: string, version: number) =>
    expect(await sql`select status, version from orders where id = ${id}`).toEqual([{ status: expected, version }])
  const payment = (fields: Partial<Parameters<typeof paymentState>[0]> = {}) =>
    paymentState({ id: paymentId, orderId: id, ...fields })
  const expired = envelope(ExpirationComplete, id, { orderId: id, version: 2, expiresAt: '2026-05-01T12:00:00.000Z' })
  return { id, ticketId, paymentId, is, payment, expired }
}

const mirrored =
  (message: typeof TicketCreated, status: 'listed' | 'reserved' | 'sold' | 'withdrawn') =>
  async ({ sql }: OneService): Promise<Case> => {
    const ticket = ticketState({ status, version: 3 })
    return {
      message: envelope(message, ticket.id, ticket),
      effect: async () =>
        expect(await sql`select version, status, price from tickets where id = ${ticket.id}`).toEqual([
          { version: 3, status, price: 4500 },
        ]),
      after: [envelope(TicketUpdated, ticket.id, { ...ticket, status: 'listed', price: 100, version: 4 })],
    }
  }

const followed =
  (message: typeof OrderCreated, status: OrderState['status']) =>
  async ({ sql }: OneService): Promise<Case> => {
    const order = orderState({
      status,
      version: 3,
      ...(status === 'cancelled' ? { reason: 'buyer' } : {}),
      paymentId: newId(),
    })
    return {
      message: envelope(message, order.id, order),
      effect: async () =>
        expect(await sql`select version, status from orders where id = ${order.id}`).toEqual([{ version: 3, status }]),
      after: [envelope(OrderRefunded, order.id, { ...order, status: 'refunded', version: 9 })],
    }
  }

/** An order with an authorised payment, in the payments service and at the provider. */
async function authorized({ sql, sandboxUrl, say }: OneService) {
  const [order, paymentId] = [orderState({ status: 'awaiting:payment', version: 2 }), newId()]
  await say(envelope(OrderReserved, order.id, order))
  const response = await fetch(`${sandboxUrl}/v1/payment_intents`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk_test_sandbox', 'content-type': 'application/x-www-form-urlencoded' },
    body: 'amount=4500&currency=eur&capture_method=manual&confirm=true&payment_method=pm_card_visa&allowed_payment_method_types[]=card',
  })
  const intent = (await response.json()) as { id: string; status: string }
  expect(intent.status).toBe('requires_capture')
  await sql`
    insert into payments (id, order_id, attempt, version, status, amount, currency, stripe_id, created_at, updated_at)
    values (${paymentId}, ${order.id}, 1, 2, 'authorized', 4500, 'eur', ${intent.id}, now(), now())`
  const is = async (status: string, atProvider: string) => {
    expect(await sql`select status from payments where id = ${paymentId}`).toEqual([{ status }])
    const state = (await fetch(`${sandboxUrl}/_sandbox/state`).then((r) => r.json())) as { intents: (typeof intent)[] }
    expect(state.intents.find(({ id }) => id === intent.id)?.status).toBe(atProvider)
  }
  const accepted = { ...order, status: 'paying' as const, version: 3, paymentId }
  return {
    orderId: order.id,
    paymentId,
    is,
    accepted: envelope(OrderPaymentAccepted, order.id, accepted),
    completed: envelope(OrderCompleted, order.id, { ...accepted, status: 'complete', version: 4 }),
    cancelled: envelope(OrderCancelled, order.id, { ...order, status: 'cancelled', version: 3, reason: 'expired' }),
  }
}

const timer =
  (message: typeof OrderCreated, status: OrderState['status'], expected: string) =>
  async ({ sql, say }: OneService): Promise<Case> => {
    const order = orderState()
    if (status !== 'created') await say(envelope(OrderCreated, order.id, order))
    return {
      message: envelope(message, order.id, {
        ...order,
        status,
        paymentId: newId(),
        version: status === 'created' ? 1 : 3,
      }),
      effect: async () =>
        expect(await sql`select status from timers where order_id = ${order.id}`).toEqual([{ status: expected }]),
      after: [envelope(OrderCancelled, order.id, { ...order, status: 'cancelled', reason: 'buyer', version: 4 })],
    }
  }

const named =
  (message: typeof UserCreated) =>
  async ({ sql }: OneService): Promise<Case> => {
    const user = { id: newId(), version: 2, name: 'Sue', banned: false }
    return {
      message: envelope(message, user.id, user),
      effect: async () =>
        expect(await sql`select version, name from users where id = ${user.id}`).toEqual([{ version: 2, name: 'Sue' }]),
      after: [envelope(UserUpdated, user.id, { ...user, version: 3, name: 'Susan' })],
    }
  }

/** A ban, for the services that mirror it. If it was lifted later, the ban itself comes too late. */
const barred =
  (message: typeof UserCreated) =>
  async ({ sql }: OneService): Promise<Case> => {
    const user = { id: newId(), version: 3, name: 'Sue', banned: true }
    return {
      message: envelope(message, user.id, user),
      effect: async () => {
        await until(
          () => sql`select 1 from users where id = ${user.id} and ban_open`,
          (rows) => rows.length === 0,
          'the ban to be carried out',
        )
        expect(await sql`select version, banned from users where id = ${user.id}`).toEqual([
          { version: 3, banned: true },
        ])
      },
      after: [envelope(UserUpdated, user.id, { ...user, version: 4, banned: false })],
    }
  }

/** Of every service except the one that revokes sessions. */
const common: Cases = { 'session:revoked 1': revoked, 'session:revoked 1, of one session': endedSession }

/**
 * By service and message, with the number of the service's reactions to it; after a comma, the variant of the
 * message.
 */
const cases: Record<string, Cases> = {
  auth: {
    'contact:key-made 1': async ({ sql, saidAbout }) => {
      const userId = newId()
      await sql`
        insert into users (id, version, email, email_normalized, role, password_hash, created_at, updated_at)
        values (${userId}, 1, ${userId}, ${userId}, 'user', '', now(), now())`
      await sql`
        insert into links (id, user_id, purpose, made_at, expires_at)
        values (${newId()}, ${userId}, 'confirm-address', now(), '2099-05-01T12:00:00Z')`
      const made = async (version: number) =>
        envelope(ContactKeyMade, userId, { userId, version, publicKey: (await makeKeyPair()).publicKey })
      return {
        message: await made(2),
        effect: async () => {
          expect(await sql`select version from contact_keys where user_id = ${userId}`).toEqual([{ version: 2 }])
          expect(await saidAbout(userId)).toEqual(['user:contact', 'user:link-made'])
        },
        after: [await made(3)],
      }
    },
  },
  tickets: {
    'user:created 1': named(UserCreated),
    'user:updated 1': named(UserUpdated),
    'user:updated 1, of a ban': barred(UserUpdated),
    'order:created 1': async (service) => {
      const { created, cancelled, is, order } = await listed(service)
      return { message: created, effect: () => is('reserved', order.id), after: [cancelled] }
    },
    'order:extended 1': async (service) => {
      const { created, is, order, ticketId } = await listed(service)
      await service.say(created)
      const extended = {
        ...order,
        status: 'awaiting:payment' as const,
        version: 3,
        expiresAt: '2099-05-01T12:16:00.000Z',
      }
      return {
        message: envelope(OrderExtended, order.id, extended),
        effect: async () => {
          await is('reserved', order.id)
          expect(await service.sql`select held_until from tickets where id = ${ticketId}`).toEqual([
            { heldUntil: new Date(extended.expiresAt) },
          ])
        },
      }
    },
    'order:cancelled 1': async (service) => {
      const { created, cancelled, is, order, ticketId } = await listed(service)
      await service.say(created)
      const next = { ...order, id: newId() }
      expect(await service.saidAbout(ticketId)).toEqual(['ticket:reserved'])
      return { message: cancelled, effect: () => is('listed'), after: [envelope(OrderCreated, next.id, next)] }
    },
    'order:unknown 1': async (service) => {
      const { created, is, order, ticketId } = await listed(service)
      await service.say(created)
      const next = { ...order, id: newId() }
      return {
        message: envelope(OrderUnknown, order.id, { orderId: order.id, version: 1, ticketId }),
        effect: () => is('listed'),
        after: [envelope(OrderCreated, next.id, next)],
      }
    },
    'order:completed 1': async (service) => {
      const { created, completed, is, order } = await listed(service)
      await service.say(created)
      return { message: completed, effect: () => is('sold', order.id) }
    },
    'order:refunded 1': async (service) => {
      const { created, completed, refunded, completedAgain, order, ticketId } = await listed(service)
      await service.say(created)
      await service.say(completed)
      const effect = async () =>
        expect(
          await service.sql`select status, order_id, refunded_at is not null as refunded, version from tickets
            where id = ${ticketId}`,
        ).toEqual([{ status: 'sold', orderId: order.id, refunded: true, version: 4 }])
      return { message: refunded, effect, after: [completedAgain] }
    },
  },
  orders: {
    'user:created 1': barred(UserCreated),
    'user:updated 1': barred(UserUpdated),
    'ticket:created 1': mirrored(TicketCreated, 'listed'),
    'ticket:updated 1': mirrored(TicketUpdated, 'listed'),
    'ticket:released 1': mirrored(TicketReleased, 'listed'),
    'ticket:sold 1': mirrored(TicketSold, 'sold'),
    'ticket:withdrawn 1': mirrored(TicketWithdrawn, 'withdrawn'),
    'ticket:reserved 2': async (service) => {
      const { id, ticketId, is, expired } = await ordered(service)
      const ticket = ticketState({ id: ticketId, status: 'reserved', orderId: id, version: 2 })
      return {
        message: envelope(TicketReserved, ticketId, ticket),
        effect: () => is('awaiting:payment', 2),
        after: [expired],
      }
    },
    'ticket:refused 1': async (service) => {
      const { id, ticketId, is } = await ordered(service)
      const data = { ticketId, version: 1, orderId: id, reason: 'price-changed' as const }
      return { message: envelope(TicketRefused, ticketId, data), effect: () => is('cancelled', 2) }
    },
    'expiration:complete 1': async (service) => {
      const { expired, is } = await ordered(service, 'awaiting:payment')
      return { message: expired, effect: () => is('cancelled', 2) }
    },
    'payment:authorized 1': async (service) => {
      const { id, is, payment } = await ordered(service, 'awaiting:payment')
      const captured = payment({ status: 'captured', version: 3 })
      return {
        message: envelope(PaymentAuthorized, id, payment()),
        effect: () => is('paying', 2),
        after: [envelope(PaymentCreated, captured.id, captured)],
      }
    },
    'payment:created 1': async (service) => {
      const { is, payment, paymentId } = await ordered(service, 'paying')
      const refunded = payment({ status: 'refunded', version: 4, amountRefunded: 4500 })
      return {
        message: envelope(PaymentCreated, paymentId, payment({ status: 'captured', version: 3 })),
        effect: () => is('complete', 2),
        after: [envelope(PaymentRefunded, paymentId, refunded)],
      }
    },
    'payment:failed 1': async (service) => {
      const { is, payment, paymentId } = await ordered(service, 'awaiting:payment')
      const failed = payment({ status: 'declined', version: 2, attempt: 3, final: true })
      return { message: envelope(PaymentFailed, paymentId, failed), effect: () => is('cancelled', 2) }
    },
    'payment:refunded 1': async (service) => {
      const { is, payment, paymentId } = await ordered(service, 'complete')
      const refunded = payment({ status: 'refunded', version: 4, amountRefunded: 4500 })
      const failed = payment({ status: 'captured', version: 5 })
      return {
        message: envelope(PaymentRefunded, paymentId, refunded),
        effect: () => is('refunded', 2),
        after: [envelope(PaymentRefundFailed, paymentId, failed)],
      }
    },
    'payment:refund-failed 1': async (service) => {
      const { is, payment, paymentId } = await ordered(service, 'refunded')
      const failed = payment({ status: 'captured', version: 5 })
      const refunded = payment({ status: 'refunded', version: 6, amountRefunded: 4500 })
      return {
        message: envelope(PaymentRefundFailed, paymentId, failed),
        effect: () => is('complete', 2),
        after: [envelope(PaymentRefunded, paymentId, refunded)],
      }
    },
    'payment:delayed 1': async (service) => {
      const { id, is, paymentId, expired } = await ordered(service, 'awaiting:payment')
      const expiresAt = '2026-05-01T12:01:00.000Z'
      return {
        message: envelope(PaymentDelayed, id, { orderId: id, version: 1, paymentId, expiresAt }),
        effect: async () => {
          await is('awaiting:payment', 2)
          // The previously announced window rings without effect.
          await service.say(expired)
          await is('awaiting:payment', 2)
          expect(await service.sql`select expires_at from orders where id = ${id}`).toEqual([
            { expiresAt: new Date(expiresAt) },
          ])
        },
        after: [envelope(ExpirationComplete, id, { orderId: id, version: 3, expiresAt })],
      }
    },
  },
  expiration: {
    'order:created 1': timer(OrderCreated, 'created', 'set'),
    'order:payment-accepted 1': timer(OrderPaymentAccepted, 'paying', 'dropped'),
    'order:extended 1': timer(OrderExtended, 'awaiting:payment', 'set'),
    'order:cancelled 1': timer(OrderCancelled, 'cancelled', 'dropped'),
    'order:unknown 1': async ({ sql, say }) => {
      const order = orderState()
      await say(envelope(OrderCreated, order.id, order))
      return {
        message: envelope(OrderUnknown, order.id, { orderId: order.id, version: 1 }),
        effect: async () =>
          expect(await sql`select status from timers where order_id = ${order.id}`).toEqual([{ status: 'dropped' }]),
      }
    },
  },
  payments: {
    'order:created 1': followed(OrderCreated, 'created'),
    'order:reserved 1': followed(OrderReserved, 'awaiting:payment'),
    'order:extended 1': followed(OrderExtended, 'awaiting:payment'),
    'order:completed 1': followed(OrderCompleted, 'complete'),
    'order:refunded 1': followed(OrderRefunded, 'refunded'),
    'order:payment-accepted 2': async (service) => {
      const { accepted, completed, is } = await authorized(service)
      return { message: accepted, effect: () => is('captured', 'succeeded'), after: [completed] }
    },
    'order:cancelled 2': async (service) => {
      const { cancelled, is } = await authorized(service)
      return { message: cancelled, effect: () => is('voided', 'canceled') }
    },
    'order:unknown 1': async (service) => {
      const { orderId, is } = await authorized(service)
      return {
        message: envelope(OrderUnknown, orderId, { orderId, version: 1 }),
        effect: () => is('voided', 'canceled'),
      }
    },
  },
  notices: casesOfNotices,
}

describe.each(services.map((definition) => [definition.name, definition] as const))('%s', (name, definition) => {
  const own = Object.entries({
    ...(name === SessionRevoked.source ? {} : common),
    ...cases[name],
    ...casesOfErasures[name],
  })
  let service: OneService
  beforeAll(async () => {
    if (own.length > 0) service = await openService(definition)
  })
  afterAll(() => service?.[Symbol.asyncDispose]())

  it('has a case here for each of its reactions', () => {
    const counts = Map.groupBy(definition.reactions, ({ message }) => message.type)
    const heard = heardBy(definition).types.map((type) => `${type} ${counts.get(type)?.length ?? 1}`)
    expect([...new Set(own.map(([key]) => key.replace(/,.*/, '')))].toSorted()).toEqual(heard.toSorted())
  })

  it.each(own)('consumes %s once, however often it is delivered or published [M6, M7, M8]', async (_, make) => {
    const { message, effect } = await make(service)
    await service.say(message)
    await effect()
    const once = await service.everything()
    await service.say(message)
    await service.say(message, message)
    expect(await service.everything()).toEqual(once)
    await service.say(again(message), again(message))
    expect(await service.everything()).toEqual(once)
    await effect()
  })

  it.each(own)('ignores %s when it is redelivered too late [M5, M9, R7]', async (_, make) => {
    const { message, after = [] } = await make(service)
    await service.say(message)
    for (const next of after) await service.say(next)
    const then = await service.everything()
    await service.say(message, again(message))
    expect(await service.everything()).toEqual(then)
  })

  it.each(own)('consumes %s in one commit with what follows [M7]', async (_, make) => {
    const { message, after = [] } = await make(service)
    await service.say(message, ...after, again(message), message)
    const then = await service.everything()
    expect(then.parked_messages).toEqual([])
    await service.say(...after.map(again), again(message))
    expect(await service.everything()).toEqual(then)
  })
})
