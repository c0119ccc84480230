// A service is ready if its own database answers. If it left the load balancer because of other services'
// outages, a small outage would become a total one.

import type { Order } from '@aisle/contracts/entities'
import { connect } from '@aisle/kit/db/connect'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { closeWorld } from './invariants.ts'
import { listTicket, openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

async function asAdmin(statement: string): Promise<void> {
  const url = new URL(world.databaseUrl('tickets', 'postgres'))
  const sql = connect(url.href, { max: 1 })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end()
  }
}
const readyz = async (service: 'orders' | 'tickets') => {
  const response = await fetch(`${world.stack.origins(service)[0]}/readyz`)
  return { code: response.status, bus: ((await response.json()) as { bus?: string }).bus }
}

describe.skipIf(inject('stack') !== 'single')('while the outbox of another service cannot be read', () => {
  it('a service reports it, stays ready, and continues its own work', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const known = await listTicket(seller)
    await until(
      () => buyer.send('GET', `/api/tickets/${known.id}`),
      ({ status }) => status === 200,
      'the ticket to be there',
    )
    await world.settled()
    const database = new URL(world.databaseUrl('tickets')).pathname.slice(1)
    await asAdmin(`
      revoke connect on database "${database}" from tickets_reader;
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = '${database}' and usename = 'tickets_reader'`)
    const cut = await until(
      () => readyz('orders'),
      ({ bus }) => bus !== undefined,
      'orders to say what is wrong with the bus',
    )
    expect(cut).toMatchObject({ code: 200, bus: expect.stringContaining('tickets') })
    expect(await readyz('tickets')).toMatchObject({ code: 200 })
    const order = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId: known.id })
    expect(order.ticket.id).toBe(known.id)

    await asAdmin(`grant connect on database "${database}" to tickets_reader`)
    await until(
      () => readyz('orders'),
      ({ bus }) => bus === undefined,
      'orders to hear tickets again',
    )
  })
})
