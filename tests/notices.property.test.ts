// Every fact makes exactly one notice for each person whom it concerns, whatever happens to its messages on the way:
// shuffled, duplicated under the same id or another one, and split into commits anyhow. On failure fast-check prints
// the seed.

import type { Envelope } from '@aisle/contracts/message'
import { UserLink, UserSecured } from '@aisle/contracts/messages/auth'
import { OrderCancelled, OrderCompleted, OrderReserved, type OrderState } from '@aisle/contracts/messages/orders'
import { PaymentRefunded, PaymentRefundFailed, PaymentVoided } from '@aisle/contracts/messages/payments'
import { TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import { newId } from '@aisle/kit/time/ids'
import { notices } from '@aisle/notices/service'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { again, envelope, openService, orderState, paymentState, ticketState } from './one-service.ts'

const runs = 5

/** What happens: its messages, and whom it tells what, written by hand for each story. */
type Story = { messages: Envelope[]; told: string[] }

const order = (fields: Partial<OrderState>) => orderState({ buyerId: newId(), sellerId: newId(), ...fields })
const reserved = (state: OrderState) =>
  envelope(OrderReserved, state.id, { ...state, status: 'awaiting:payment', version: 2 })
const ended = (state: OrderState, reason: OrderState['reason']) =>
  envelope(OrderCancelled, state.id, { ...state, status: 'cancelled', version: 3, ...(reason ? { reason } : {}) })
const completed = (state: OrderState, version = 4) =>
  envelope(OrderCompleted, state.id, { ...state, status: 'complete', version })
const payment = (state: OrderState, version: number, amountRefunded: number) =>
  paymentState({ id: paymentIdOf(state), orderId: state.id, version, amountRefunded })
/** One payment for each order. */
const paymentIdOf = ({ id }: OrderState) => id.replace(/^.{8}/, 'ffffffff')

const stories: readonly (() => Story)[] = [
  () => {
    const state = order({})
    return {
      messages: [reserved(state), completed(state)],
      told: [`reserved ${state.buyerId}`, `bought ${state.buyerId}`, `sold ${state.sellerId}`],
    }
  },
  () => {
    const state = order({})
    return { messages: [reserved(state), ended(state, 'expired')], told: [`reserved ${state.buyerId}`] }
  },
  () => {
    const state = order({})
    const voided = payment(state, 2, 0)
    return {
      messages: [reserved(state), ended(state, 'expired'), envelope(PaymentVoided, voided.id, voided)],
      told: [`reserved ${state.buyerId}`, `expired ${state.buyerId}`],
    }
  },
  () => {
    const state = order({})
    return { messages: [reserved(state), ended(state, 'buyer')], told: [`reserved ${state.buyerId}`] }
  },
  () => {
    const state = order({})
    return {
      messages: [ended(state, 'ticket-unavailable')],
      told: [`order-ended ${state.buyerId}`],
    }
  },
  () => {
    // A refund in two parts; the second fails later, and the order is complete again.
    const state = order({})
    const [first, second] = [payment(state, 3, 1000), payment(state, 4, 4500)]
    const failed = payment(state, 5, 1000)
    return {
      messages: [
        reserved(state),
        completed(state),
        envelope(PaymentRefunded, first.id, first),
        envelope(PaymentRefunded, second.id, second),
        envelope(PaymentRefundFailed, failed.id, failed),
        completed(state, 6),
      ],
      told: [
        `reserved ${state.buyerId}`,
        `bought ${state.buyerId}`,
        `sold ${state.sellerId}`,
        ...[1, 2].flatMap(() => [`money-back ${state.buyerId}`, `sale-refunded ${state.sellerId}`]),
        `money-back-failed ${state.buyerId}`,
        `sale-restored ${state.sellerId}`,
      ],
    }
  },
  () => {
    const userId = newId()
    const at = new Date().toISOString()
    const what = ['new-device', 'password-changed'] as const
    return {
      messages: what.map((one) => envelope(UserSecured, userId, { userId, version: 2, what: one, at })),
      told: [`secured ${userId}`, `secured ${userId}`],
    }
  },
  () => {
    const userId = newId()
    const link = (id: string) =>
      envelope(UserLink, userId, {
        id,
        userId,
        version: 1,
        purpose: 'reset-password',
        sealed: 'for nobody',
        language: 'en',
        expiresAt: '2099-01-01T00:00:00.000Z',
      })
    return {
      messages: [link(newId()), link(newId())],
      told: [`reset-password ${userId}`, `reset-password ${userId}`],
    }
  },
  () => {
    const ticket = ticketState({ status: 'withdrawn', version: 2 })
    return {
      messages: [envelope(TicketWithdrawn, ticket.id, { ...ticket, takenDown: true })],
      told: [`taken-down ${ticket.seller.id}`],
    }
  },
  () => {
    const ticket = ticketState({ status: 'withdrawn', version: 2 })
    return { messages: [envelope(TicketWithdrawn, ticket.id, ticket)], told: [] }
  },
]

const histories = fc.record({
  chosen: fc.array(fc.nat(stories.length - 1), { minLength: 60, maxLength: 60, size: 'max' }),
  places: fc.array(fc.nat(1_000_000), { minLength: 600, maxLength: 600, size: 'max' }),
  doubled: fc.array(fc.nat(10_000), { minLength: 20, maxLength: 100, size: 'max' }),
  commitSize: fc.integer({ min: 1, max: 100 }),
})

it('each fact is told once to each person, in any order and however often', async () => {
  await using service = await openService(notices)
  await fc.assert(
    fc.asyncProperty(histories, async ({ chosen, places, doubled, commitSize }) => {
      const told = chosen.map((index) => stories[index]!())
      const messages = told.flatMap((story) => story.messages)
      const copies = doubled.map((at, index) => {
        const message = messages[at % messages.length]!
        return index % 2 === 0 ? message : again(message)
      })
      const shuffled = [...messages, ...copies]
        .map((message, index) => ({ message, place: places[index % places.length]! }))
        .toSorted((a, b) => a.place - b.place)
        .map(({ message }) => message)
      for (let at = 0; at < shuffled.length; at += commitSize)
        await service.publish(...shuffled.slice(at, at + commitSize))
      await service.settled()

      const rows = await service.sql<{ kind: string; userId: string; delivered: boolean }[]>`
        select kind, user_id, exists (select from deliveries where notice_id = id) as delivered from notices`
      const expected = told.flatMap((story) => story.told).toSorted()
      expect(rows.map(({ kind, userId }) => `${kind} ${userId}`).toSorted()).toEqual(expected)
      expect(rows.every(({ delivered }) => delivered)).toBe(true)
      const wrong = await service.sql`
        select i.user_id from inboxes i where i.unread <> (
          select count(*) from notices n where n.user_id = i.user_id and is_shown and read_at is null)`
      expect(wrong).toEqual([])
      await service.sql`truncate notices, deliveries, inboxes, orders, work`
    }),
    { numRuns: runs },
  )
})
