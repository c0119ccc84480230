// The database of orders was restored, or failed over to a replica that lagged behind: other services refer to
// orders it does not have.

import { ExpirationComplete } from '@aisle/contracts/messages/expiration'
import { PaymentAuthorized, PaymentCreated } from '@aisle/contracts/messages/payments'
import { TicketReserved } from '@aisle/contracts/messages/tickets'
import { services } from '@aisle/dev/stack'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { envelope, type OneService, openService, paymentState, ticketState } from './one-service.ts'

let orders: OneService
beforeAll(async () => {
  orders = await openService(services.find(({ name }) => name === 'orders')!)
})
afterAll(() => orders?.[Symbol.asyncDispose]())

it('a ticket held for a lost order is released, and so is the money', async () => {
  const [orderId, otherId] = [newId(), newId()]
  const ticket = ticketState({ status: 'reserved', orderId, version: 2 })
  const payment = paymentState({ orderId: otherId })
  await orders.say(
    envelope(TicketReserved, ticket.id, ticket),
    envelope(PaymentAuthorized, payment.id, payment),
    envelope(ExpirationComplete, orderId, { orderId, version: 1, expiresAt: '2026-05-01T12:00:00.000Z' }),
  )
  expect(await orders.saidAbout(orderId)).toContain('order:unknown')
  expect(await orders.saidAbout(otherId)).toEqual(['order:unknown'])
  const said = await orders.sql`select message -> 'data' as data from outbox where message ->> 'subject' = ${orderId}`
  expect(said).toContainEqual({ data: { orderId, version: 1, ticketId: ticket.id } })
})

it('money that was captured for a lost order is left to a person', async () => {
  const payment = paymentState({ status: 'captured', version: 3 })
  await orders.publish(envelope(PaymentCreated, payment.id, payment))
  await orders.sql`select 1`
  const read = () => orders.sql<{ state: string; error: string }[]>`
    update parked_messages set next_try_at = now() where message ->> 'subject' = ${payment.id} returning state, error`
  const rows = await until(read, ([row]) => row?.state === 'parked', 'the message to wait for a person')
  expect(rows[0]?.error).toContain('it was lost')
  expect(await orders.saidAbout(payment.orderId)).toEqual([])
})
