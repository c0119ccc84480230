// A case for each reaction of notices: see reactions.test.ts.

import type { Message } from '@aisle/contracts/message'
import { UserContact, UserCreated, UserLink, UserSecured, UserUpdated } from '@aisle/contracts/messages/auth'
import {
  OrderCancelled,
  OrderCompleted,
  OrderRefunded,
  OrderReserved,
  type OrderState,
} from '@aisle/contracts/messages/orders'
import {
  PaymentAuthorized,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundFailed,
  type PaymentState,
  PaymentVoided,
} from '@aisle/contracts/messages/payments'
import { TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import { newId } from '@aisle/kit/time/ids'
import { expect } from 'vitest'
import { envelope, type OneService, orderState, paymentState, ticketState } from './one-service.ts'
import type { Cases } from './reaction-cases.ts'

/** A user is heard of for the first time, so there must be a key. */
const keyed =
  (message: typeof UserCreated): Cases['x'] =>
  async ({ sql, saidAbout }) => {
    const id = newId()
    const state = { id, version: 1, name: 'Sue', banned: false }
    return {
      message: envelope(message, id, state),
      effect: async () => {
        expect(await sql`select version from contact_keys where user_id = ${id}`).toEqual([{ version: 1 }])
        expect(await saidAbout(id)).toEqual(['contact:key-made'])
      },
      after: [envelope(UserUpdated, id, { ...state, version: 2 })],
    }
  }

const told = async ({ sql }: OneService, userId: string, ...kinds: string[]) =>
  expect((await sql`select kind from notices where user_id = ${userId} order by id`).map(({ kind }) => kind)).toEqual(
    kinds,
  )

/** An order comes to a state, and its buyer is told. */
const ordered =
  (message: Message<(typeof OrderReserved)['data']>, fields: Partial<OrderState>, ...kinds: string[]): Cases['x'] =>
  async (service) => {
    const order = orderState({ version: 3, ...fields })
    return {
      message: envelope(message, order.id, order),
      effect: () => told(service, order.buyerId, ...kinds),
      after: [envelope(OrderRefunded, order.id, { ...order, status: 'refunded', version: 9 })],
    }
  }

/** Something happens to the money of an order that is complete, or that has expired. */
const paid =
  (message: Message<(typeof PaymentVoided)['data']>, fields: Partial<PaymentState>, ...kinds: string[]): Cases['x'] =>
  async (service) => {
    const isRefund = fields.amountRefunded !== undefined
    const order = isRefund
      ? orderState({ status: 'complete', version: 4 })
      : orderState({ status: 'cancelled', reason: 'expired', version: 4 })
    await service.say(envelope(isRefund ? OrderCompleted : OrderCancelled, order.id, order))
    const payment = paymentState({ orderId: order.id, version: 5, ...fields })
    return {
      message: envelope(message, payment.id, payment),
      effect: () => told(service, order.buyerId, ...kinds),
    }
  }

export const casesOfNotices: Cases = {
  'user:created 1': keyed(UserCreated),
  'user:updated 1': keyed(UserUpdated),
  'user:contact 1': async ({ sql }) => {
    const id = newId()
    const contact = (version: number) => ({
      id,
      version,
      sealed: `sealed ${version}`,
      language: 'de' as const,
      confirmed: true,
    })
    return {
      message: envelope(UserContact, id, contact(1)),
      effect: async () =>
        expect(await sql`select version, sealed, language, confirmed from contacts where user_id = ${id}`).toEqual([
          { version: 1, sealed: 'sealed 1', language: 'de', confirmed: true },
        ]),
      after: [envelope(UserContact, id, contact(2))],
    }
  },
  'user:link-made 1': async (service) => {
    const userId = newId()
    const link = {
      id: newId(),
      userId,
      version: 1,
      purpose: 'reset-password' as const,
      sealed: 'for nobody',
      language: 'en' as const,
      expiresAt: '2099-05-01T12:00:00.000Z',
    }
    return {
      message: envelope(UserLink, userId, link),
      effect: () => told(service, userId, 'reset-password'),
    }
  },
  'user:secured 1': async (service) => {
    const userId = newId()
    const secured = { userId, version: 1, what: 'new-device' as const, at: '2026-05-01T12:00:00.000Z' }
    return { message: envelope(UserSecured, userId, secured), effect: () => told(service, userId, 'secured') }
  },
  'order:reserved 1': ordered(OrderReserved, { status: 'awaiting:payment' }, 'reserved'),
  'order:completed 1': ordered(OrderCompleted, { status: 'complete' }, 'bought'),
  'order:cancelled 1': ordered(OrderCancelled, { status: 'cancelled', reason: 'payment-failed' }, 'order-ended'),
  'order:refunded 1': ordered(OrderRefunded, { status: 'refunded' }),
  'payment:authorized 1': paid(PaymentAuthorized, { status: 'authorized' }, 'expired'),
  'payment:failed 1': paid(PaymentFailed, { status: 'declined' }, 'expired'),
  'payment:voided 1': paid(PaymentVoided, { status: 'voided' }, 'expired'),
  'payment:refunded 1': paid(PaymentRefunded, { status: 'refunded', amountRefunded: 4500 }, 'bought', 'money-back'),
  'payment:refund-failed 1': paid(
    PaymentRefundFailed,
    { status: 'captured', amountRefunded: 0 },
    'bought',
    'money-back-failed',
  ),
  'ticket:withdrawn 1': async (service) => {
    const ticket = ticketState({ status: 'withdrawn', version: 2 })
    return {
      message: envelope(TicketWithdrawn, ticket.id, { ...ticket, takenDown: true }),
      effect: () => told(service, ticket.seller.id, 'taken-down'),
    }
  },
}
