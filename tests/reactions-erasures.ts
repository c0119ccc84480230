// A case for each reaction to the erasure of a user: see reactions.test.ts.

import type { ServiceName } from '@aisle/contracts/endpoint'
import { UserErased, UserErasureAsked, UserErasureRefused, UserUpdated } from '@aisle/contracts/messages/auth'
import { ErasureAnsweredByOrders, OrderCreated } from '@aisle/contracts/messages/orders'
import { ErasureAnsweredByPayments } from '@aisle/contracts/messages/payments'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { expect } from 'vitest'
import { envelope, type OneService, orderState } from './one-service.ts'
import type { Case, Cases } from './reaction-cases.ts'

const asked = (userId: string, version = 1) => envelope(UserErasureAsked, userId, { userId, version })
const refused = (userId: string, version = 1) =>
  envelope(UserErasureRefused, userId, { userId, version, by: 'user', at: '2026-05-01T12:00:00.000Z' })
const erased = (userId: string) => envelope(UserErased, userId, { userId, version: 7 })
const back = (id: string) => envelope(UserUpdated, id, { id, version: 9, name: 'Sue', banned: false, confirmed: true })

/** An account in auth that is to be erased, and one of the two answers, if it is not the first. */
const answered =
  (message: typeof ErasureAnsweredByOrders, before?: typeof ErasureAnsweredByOrders): Cases['x'] =>
  async ({ sql, say, saidAbout }): Promise<Case> => {
    const userId = newId()
    await sql`
      insert into users (id, version, email, email_normalized, role, password_hash, created_at, updated_at)
      values (${userId}, 6, ${userId}, ${userId}, 'user', '', now(), now())`
    await sql`
      insert into erasures (user_id, version, by, status, asked_at, said_at)
      values (${userId}, 1, 'user', 'asked', now(), now())`
    const answer = (by: typeof message) => envelope(by, userId, { userId, version: 1, reasons: [] })
    if (before) await say(answer(before))
    return {
      message: answer(message),
      effect: async () => {
        const status = before ? 'done' : 'asked'
        expect(await sql`select status from erasures where user_id = ${userId}`).toEqual([{ status }])
        expect(await saidAbout(userId)).toEqual(before ? ['session:revoked', 'user:erased'] : [])
      },
      after: [envelope(message, userId, { userId, version: 1, reasons: [{ code: 'balance-due' }] })],
    }
  }

/** Nothing of the name is left, whatever is said of the user later. */
const forgotten = async ({ sql }: OneService): Promise<Case> => {
  const userId = newId()
  return {
    message: erased(userId),
    effect: async () =>
      expect(await sql`select erased, confirmed from users where id = ${userId}`).toEqual([
        { erased: true, confirmed: false },
      ]),
    after: [back(userId)],
  }
}

/** A sale that has not ended. */
const sale = async ({ sql }: OneService) => {
  const [userId, ticketId] = [newId(), newId()]
  await sql`
    insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
      expires_at, created_at, updated_at)
    values (${newId()}, 1, 'created', ${newId()}, ${userId}, ${ticketId}, 1, 'One seat', 4500, 'eur',
      '2026-05-01T12:00:00Z', now(), now())`
  return userId
}

export const casesOfErasures: Partial<Record<ServiceName, Cases>> = {
  auth: {
    'erasure:answered-by-orders 1': answered(ErasureAnsweredByOrders),
    'erasure:answered-by-payments 1': answered(ErasureAnsweredByPayments, ErasureAnsweredByOrders),
  },
  tickets: {
    'user:erased 1': async (service) => {
      const one = await forgotten(service)
      const { subject } = one.message
      return {
        ...one,
        effect: async () => {
          await one.effect()
          await until(
            () => service.sql`select name from users where id = ${subject} and not erasure_open`,
            (rows) => rows[0]?.name === '',
            'the erasure to be carried out',
          )
        },
      }
    },
  },
  orders: {
    'user:erasure-asked 1': async ({ sql, saidAbout }) => {
      const userId = newId()
      return {
        message: asked(userId),
        effect: async () => {
          expect(await sql`select erasure_version, closing from users where id = ${userId}`).toEqual([
            { erasureVersion: 1, closing: 1 },
          ])
          expect(await saidAbout(userId)).toEqual(['erasure:answered-by-orders'])
        },
        after: [refused(userId)],
      }
    },
    'user:erasure-asked 1, with a sale': async (service) => {
      const userId = await sale(service)
      return {
        message: asked(userId),
        effect: async () => {
          const [row] = await service.sql`select closing from users where id = ${userId}`
          expect(row).toEqual({ closing: null })
        },
        after: [asked(userId, 2)],
      }
    },
    'user:erasure-refused 1': async ({ sql, say }) => {
      const userId = newId()
      await say(asked(userId))
      return {
        message: refused(userId),
        effect: async () =>
          expect(await sql`select erasure_version, closing from users where id = ${userId}`).toEqual([
            { erasureVersion: 1, closing: null },
          ]),
        after: [asked(userId, 2)],
      }
    },
    'user:erased 1': forgotten,
  },
  payments: {
    'erasure:answered-by-orders 1': async ({ saidAbout }) => {
      const userId = newId()
      const answer = (version: number) =>
        envelope(ErasureAnsweredByOrders, userId, { userId, version, reasons: [{ code: 'event-ahead' }] })
      return {
        message: answer(1),
        effect: async () => expect(await saidAbout(userId)).toEqual(['erasure:answered-by-payments']),
        after: [answer(2)],
      }
    },
    'user:erased 1': async ({ sql, say }) => {
      const order = orderState()
      await say(envelope(OrderCreated, order.id, order))
      await sql`
        insert into payments (id, order_id, attempt, version, status, amount, currency, address, created_at, updated_at)
        values (${newId()}, ${order.id}, 1, 2, 'voided', 4500, 'eur', '192.0.2.7', now(), now())`
      return {
        message: erased(order.buyerId),
        effect: async () =>
          expect(await sql`select address from payments where order_id = ${order.id}`).toEqual([{ address: null }]),
      }
    },
  },
  notices: {
    'user:erased 1': async ({ sql, clock }) => {
      const userId = newId()
      return {
        message: erased(userId),
        effect: async () => {
          clock.advance(1_000)
          // The mail waits for an address that nobody has confirmed, so the key goes at once, and the mail with it.
          await until(
            () => sql`select 1 from erased_users where user_id = ${userId} and key_gone_at is not null`,
            (rows) => rows.length === 1,
            'the key to be deleted',
          )
          expect(await sql`select kind from notices where user_id = ${userId}`).toEqual([])
        },
        after: [back(userId)],
      }
    },
    'user:erasure-refused 1': async ({ sql }) => {
      const userId = newId()
      return {
        message: refused(userId),
        effect: async () =>
          expect(await sql`select kind from notices where user_id = ${userId}`).toEqual([{ kind: 'secured' }]),
      }
    },
  },
}
