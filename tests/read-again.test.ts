// A publisher's database was restored, and reused the positions of lost messages. Its listeners detect this by
// the content, read its outbox again, and their mirrors take its current state, whatever versions they had.

import type { Envelope } from '@aisle/contracts/message'
import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { OrderCreated, OrderReserved } from '@aisle/contracts/messages/orders'
import { TicketCreated, TicketUpdated } from '@aisle/contracts/messages/tickets'
import { services } from '@aisle/dev/stack'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { expect, it } from 'vitest'
import { envelope, openService, orderState, ticketState } from './one-service.ts'

const [userId, ticket, order] = [newId(), ticketState(), orderState()]
const user = (version: number, name: string) => ({ id: userId, version, name, banned: false })

/**
 * What a listener receives first; what was lost with the history; and what takes its position in the current
 * history.
 */
const cases: [mirror: string, listener: string, table: string, first: Envelope, lost: Envelope, now: Envelope][] = [
  [
    'users',
    'tickets',
    'users',
    envelope(UserCreated, userId, user(1, 'Ann')),
    envelope(UserUpdated, userId, user(3, 'Anna')),
    envelope(UserUpdated, userId, user(2, 'Anne')),
  ],
  [
    'tickets',
    'orders',
    'tickets',
    envelope(TicketCreated, ticket.id, ticket),
    envelope(TicketUpdated, ticket.id, { ...ticket, price: 6000, version: 3 }),
    envelope(TicketUpdated, ticket.id, { ...ticket, price: 5000, version: 2 }),
  ],
  [
    'orders',
    'payments',
    'orders',
    envelope(OrderCreated, order.id, order),
    envelope(OrderReserved, order.id, { ...order, status: 'awaiting:payment', version: 3 }),
    envelope(OrderReserved, order.id, { ...order, status: 'awaiting:payment', version: 2 }),
  ],
]

it.each(cases)('the mirror of %s in %s follows a rewritten history, back to an older version', async (...given) => {
  const [, listener, table, first, lost, now] = given
  await using service = await openService(services.find(({ name }) => name === listener)!)
  const version = async () => {
    const [row] = await service.sql<{ version: number }[]>`
      select version from ${service.sql(table)} where id = ${first.subject}`
    return row?.version
  }
  await service.say(first)
  await service.say(lost)
  expect(await version()).toBe(3)
  await service.replaceNewest(now)
  await until(version, (is) => is === 2, 'the mirror to have what its source says')
})
