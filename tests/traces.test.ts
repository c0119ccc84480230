// One purchase is one trace: from the click that reserves, through every service and message, to the capture,
// as a collector receives it.

import type { Order } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Collector, type Seen, startCollector } from './collector.ts'
import { closeWorld } from './invariants.ts'
import { buy, listTicket, openWorld, orderInTime, pay, payable, reserve, type World } from './world.ts'

let collector: Collector
let world: World
beforeAll(async () => {
  collector = await startCollector()
  world = await openWorld({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ORDER_WINDOW_SECONDS: 60 }, { web: true })
})
afterAll(async () => {
  await closeWorld(world)
  await collector[Symbol.asyncDispose]()
})

const titleOf = ({ service, name }: Seen) => `${service}: ${name}`
const traceOf = ({ traceId }: Seen) => collector.spans.filter((span) => span.traceId === traceId)

/** The trace that began with the reservation of an order, once it contains these spans. */
async function purchase(orderId: string, ...titles: string[]): Promise<Seen[]> {
  return until(
    async () => {
      const heard = collector.spans.find(
        ({ name, attributes }) => name === 'process order:created' && attributes['aisle.subject'] === orderId,
      )
      return heard ? traceOf(heard) : []
    },
    (trace) =>
      titles.every((title) => trace.some((span) => titleOf(span) === title)) &&
      // Each part sends its spans independently, a second after the last.
      trace.every((span) => span.parentSpanId === undefined || parentOf(trace, span)),
    `the trace of order ${orderId} to hold ${titles.join(' and ')}`,
  )
}

/** The only span of the trace with this title. */
function only(trace: readonly Seen[], title: string): Seen {
  const found = trace.filter((span) => titleOf(span) === title)
  expect(found, title).toHaveLength(1)
  return found[0]!
}
const parentOf = (trace: readonly Seen[], span: Seen) => trace.find(({ spanId }) => spanId === span.parentSpanId)

/** The ancestors of a span, starting with the root. */
function wayTo(trace: readonly Seen[], title: string): string[] {
  const way: string[] = []
  for (let span: Seen | undefined = only(trace, title); span; span = parentOf(trace, span)) way.unshift(titleOf(span))
  return way
}

describe('a purchase', () => {
  it('is one trace from the click to the capture and the sold ticket, each step a child of what caused it', async () => {
    const { order } = await buy(world, await world.member(), await world.member())
    const trace = await purchase(order.id, 'orders: process ticket:sold', 'expiration: process order:payment-accepted')

    const roots = trace.filter((span) => !parentOf(trace, span))
    expect(roots.map(titleOf)).toEqual(['front-door: POST /api/orders'])
    expect(roots[0]!.parentSpanId).toBeUndefined()
    const paid = [
      'front-door: POST /api/orders',
      'orders: POST /api/orders',
      'payments: process order:created',
      'payments: pay',
      'payments: stripe authorize',
      'orders: process payment:authorized',
      'payments: process order:payment-accepted',
      'payments: stripe capture',
      'orders: process payment:created',
    ]
    expect(wayTo(trace, 'orders: process payment:created')).toEqual(paid)
    expect(wayTo(trace, 'orders: process ticket:sold')).toEqual([
      ...paid,
      'tickets: process order:completed',
      'orders: process ticket:sold',
    ])
    expect(wayTo(trace, 'orders: process ticket:reserved')).toEqual([
      ...paid.slice(0, 2),
      'tickets: process order:created',
      'orders: process ticket:reserved',
    ])
    expect(wayTo(trace, 'expiration: process order:created')).toEqual([
      ...paid.slice(0, 2),
      'expiration: process order:created',
    ])
    expect(trace.filter(({ failed }) => failed !== undefined)).toEqual([])
    expect(only(trace, 'orders: POST /api/orders').attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/api/orders',
      'http.response.status_code': 201,
    })
  })

  it('is linked with the click that pays, and that click with it', async () => {
    const { order, payment } = await buy(world, await world.member(), await world.member())
    const trace = await purchase(order.id, 'payments: stripe capture')
    const paying = only(trace, 'payments: pay')
    expect(paying.attributes['aisle.payment_id']).toBe(payment.id)
    expect(paying.links).toHaveLength(1)
    const click = await until(
      async () => collector.spans.find(({ spanId }) => spanId === paying.links[0]!.spanId),
      (found) => found !== undefined,
      'the click that pays',
    )
    expect(titleOf(click!)).toBe('payments: POST /api/payments')
    expect(click!.traceId).not.toBe(paying.traceId)
    expect(click!.links.map(({ traceId }) => traceId)).toEqual([paying.traceId])
  })

  it('carries the id of the request into every message that results from it', async () => {
    const { order, ticket } = await buy(world, await world.member(), await world.member())
    const requestOf = async (subject: string, type: string) => {
      const service = type.startsWith('ticket') ? 'tickets' : 'orders'
      const [row] = await world.sql(service)<{ id: string; traceparent: string }[]>`
        select message ->> 'requestid' as id, message ->> 'traceparent' as traceparent from outbox
        where message ->> 'subject' = ${subject} and message ->> 'type' = ${type}`
      return row
    }
    const reserved = await requestOf(ticket.id, 'ticket:reserved')
    expect(reserved?.id).toBe((await requestOf(order.id, 'order:created'))?.id)
    expect(reserved?.id).toBeTruthy()
  })

  it('that is not paid ends in the same trace, with its timer’s ring', async () => {
    const buyer = await world.member()
    const order = await reserve(buyer, (await listTicket(await world.member())).id)
    await orderInTime(world, buyer, order.id, 'cancelled')
    const trace = await purchase(order.id, 'tickets: process order:cancelled')
    expect(wayTo(trace, 'tickets: process order:cancelled')).toEqual([
      'front-door: POST /api/orders',
      'orders: POST /api/orders',
      'expiration: process order:created',
      'expiration: ring',
      'orders: process expiration:complete',
      'tickets: process order:cancelled',
    ])
  })

  it('shows the unanswered call to the provider as failed, and its retry beside it', async () => {
    const buyer = await world.member()
    const order = await reserve(buyer, (await listTicket(await world.member())).id)
    await payable(world, order.id)
    await world.sandbox('POST', '/_sandbox/faults', { route: 'payment_intents.create', kind: 'drop-before', times: 3 })
    await buyer.send('POST', '/api/payments', { orderId: order.id, token: 'tok_visa' })
    await until(
      async () => {
        await world.clock.advance(500)
        return buyer.expect<Order>(200, 'GET', `/api/orders/${order.id}`)
      },
      ({ status }) => status === 'complete',
      'the order to be complete',
    )
    const trace = await purchase(order.id, 'payments: stripe capture')
    const calls = trace.filter((span) => titleOf(span) === 'payments: stripe authorize')
    // Possibly sent by two processes, so in no particular order.
    expect(calls.map(({ failed }) => failed !== undefined).sort()).toEqual([false, true])
    expect(new Set(calls.map((call) => titleOf(parentOf(trace, call)!)))).toEqual(new Set(['payments: pay']))
  })
})

describe('a page', () => {
  it('is a trace through the web server to the services that it calls', async () => {
    const ticket = await listTicket(await world.member())
    await world.settled()
    const page = await fetch(`${world.stack.url}/tickets/${ticket.id}`)
    expect(page.status).toBe(200)
    const asked = await until(
      async () =>
        collector.spans.find(
          ({ service, attributes }) => service === 'web' && attributes['url.path'] === `/tickets/${ticket.id}`,
        ),
      (found) => found !== undefined,
      'the page to be in a trace',
    )
    const trace = await until(
      async () => traceOf(asked!),
      (found) => found.some(({ service }) => service === 'front-door'),
      'the front door to have sent its span',
    )
    // With several web servers, each sends its requests through an inner front door.
    const way = wayTo(trace, 'tickets: GET /api/tickets/:id')
    expect(way.filter((title) => title !== 'front-door: GET /api/tickets/*')).toEqual([
      'front-door: GET /*',
      'web: GET /tickets/:id',
      'tickets: GET /api/tickets/:id',
    ])
  })
})

describe('from outside', () => {
  it('no client can add a span to a trace of theirs, or force one to be sent', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const { headers } = await fetch(`${world.stack.url}/api/tickets`, {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-00` },
    })
    const id = headers.get('x-request-id')
    const seen = await until(
      async () => collector.spans.filter(({ attributes }) => attributes['aisle.request_id'] === id),
      (spans) => spans.length === 2,
      'the spans of the request',
    )
    expect(seen.map(({ traceId }) => traceId)).not.toContain(traceId)
    expect(new Set(seen.map(({ traceId }) => traceId)).size).toBe(1)
  })

  it('probes are not traced', async () => {
    await fetch(`${world.stack.origins('orders')[0]}/readyz`)
    await pay(await world.member(), crypto.randomUUID()).catch(() => {})
    await until(
      async () => collector.spans,
      (spans) => spans.some(({ attributes }) => attributes['http.response.status_code'] === 404),
      'a later request to be in a trace',
    )
    expect(collector.spans.filter(({ name }) => /readyz|livez|metrics/.test(name))).toEqual([])
  })
})

describe('without a collector', () => {
  it('no message carries a traceparent, and none is stored', async () => {
    await using untraced = await openWorld()
    const { order } = await buy(untraced, await untraced.member(), await untraced.member())
    for (const service of ['orders', 'tickets', 'payments'] as const) {
      const [row] = await untraced.sql(service)<{ said: number; traced: number }[]>`
        select count(*)::int as said, count(message ->> 'traceparent')::int as traced from outbox`
      expect(row!.said).toBeGreaterThan(0)
      expect(row!.traced).toBe(0)
    }
    expect(await untraced.sql('payments')`select traceparent from orders where id = ${order.id}`).toEqual([
      { traceparent: null },
    ])
  })

  it('that answers, people can still buy, and a stop does not wait for it', async () => {
    const unreachable = await openWorld({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' })
    await buy(unreachable, await unreachable.member(), await unreachable.member())
    await closeWorld(unreachable)
  })
})
