// A program waits for an order to move, instead of asking again and again.

import type { Order } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeWorld } from '../invariants.ts'
import { listTicket, openWorld, pay, refusalOf, reserve, type World } from '../world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => closeWorld(world))

it('follows a sale from the reservation to the end by waiting alone', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const { id: ticketId } = await listTicket(seller)
  const placed = await buyer.expect<Order>(201, 'POST', '/api/orders', { ticketId })
  const next = (after: number) => buyer.expect<Order>(200, 'GET', `/api/orders/${placed.id}?after=${after}`)
  const held = await next(placed.version)
  expect([held.status, held.version]).toEqual(['awaiting:payment', placed.version + 1])
  const paying = next(held.version)
  await pay(buyer, held.id)
  let last = await paying
  const seen = [last.status]
  while (last.status !== 'complete') {
    const newer = await next(last.version)
    expect(newer.version).toBeGreaterThan(last.version)
    last = newer
    seen.push(last.status)
  }
  // A version that is past already is no reason to wait.
  expect(await next(1)).toEqual(last)
  expect(seen.at(-1)).toBe('complete')
})

it('answers at once what there is nothing to wait for', async () => {
  const [seller, buyer, stranger] = [await world.member(), await world.member(), await world.member()]
  const { id, version } = await reserve(buyer, (await listTicket(seller)).id)
  const path = (after: string) => `/api/orders/${id}?after=${after}`
  expect(refusalOf(await stranger.send('GET', path(String(version))))).toEqual([403, 'forbidden'])
  expect(refusalOf(await buyer.send('GET', `/api/orders/${crypto.randomUUID()}?after=1`))).toEqual([404, 'not-found'])
  for (const after of ['0', '-1', 'soon', '1.5'])
    expect(refusalOf(await buyer.send('GET', path(after)))).toEqual([400, 'invalid'])
})

it('is answered with the order as it is when the service stops', async () => {
  const [seller, buyer] = [await world.member(), await world.member()]
  const placed = await reserve(buyer, (await listTicket(seller)).id)
  await world.settled()
  const now = await buyer.expect<Order>(200, 'GET', `/api/orders/${placed.id}`)
  const [{ since } = {}] = await world.sql('orders')<{ since: string }[]>`select clock_timestamp()::text as since`
  const waiting = buyer.send<Order>('GET', `/api/orders/${placed.id}?after=${now.version}`)
  await until(
    () => world.sql('orders')`
      select from pg_stat_activity where query like '%from orders where id = %' and state = 'idle'
        and query_start > ${since!}::text::timestamptz`,
    ({ length }) => length > 0,
    'the request to have read the order',
  )
  const stopping = performance.now()
  await world.stack.stopService('orders')
  const answered = await waiting
  // Without a stop it would have waited ten seconds.
  expect(performance.now() - stopping).toBeLessThan(9_000)
  await world.stack.startService('orders')
  expect([answered.status, answered.body]).toEqual([200, now])
})
