// Webhooks: only the provider's count, each once. They are never trusted, only followed. Late, twice, in any
// order, or never: the end is the same.

import { createHmac } from 'node:crypto'
import type { Problem } from '@aisle/contracts/endpoint'
import type { Payment } from '@aisle/contracts/entities'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { payOnPage } from '../hosted-page.ts'
import { closeWorld, providerSide } from '../invariants.ts'
import { gauge, metric } from '../scrape.ts'
import { buy, inTime, listTicket, openWorld, orderIn, payable, reserve, type World, webhooks } from '../world.ts'

const secrets = ['whsec_of_this_test', 'whsec_of_before']
const path = '/api/payments/webhooks/stripe'

let world: World
beforeAll(async () => {
  world = await openWorld({ STRIPE_WEBHOOK_SECRETS: secrets.join(',') })
  await deliverWith([secrets[0]!])
})
afterEach(() => webhooks(world, 'deliver'))
afterAll(() => closeWorld(world))

const deliverWith = (signing: string[]) =>
  world.sandbox('PUT', '/_sandbox/webhook-endpoint', { url: `${world.stack.url}${path}`, secrets: signing })

const stored = async () =>
  (await world.sql('payments')<{ key: string }[]>`select key from work where kind = 'webhook' order by key`).map(
    ({ key }) => key.split(':')[1],
  )
const nowSeconds = () => Math.floor(world.clock.now().getTime() / 1000)
const signed = (body: string, { secret = secrets[0]!, at = nowSeconds() } = {}) =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`
const send = (body: string, signature?: string, headers: Record<string, string> = {}) =>
  fetch(`${world.stack.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signature ? { 'stripe-signature': signature } : {}),
      ...headers,
    },
    body,
  })
let count = 0
const eventOf = (type: string, object: object, id = `evt_test_${++count}`) =>
  JSON.stringify({
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: nowSeconds(),
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type,
    data: { object },
  })

async function paidOnPage() {
  const [seller, buyer] = [await world.member(), await world.member()]
  const ticket = await listTicket(seller)
  const order = await reserve(buyer, ticket.id)
  await payable(world, order.id)
  const page = await buyer.expect<Payment & { url: string }>(201, 'POST', '/api/payments', { orderId: order.id })
  await payOnPage(page.url)
  return { seller, buyer, ticket, order, page }
}

describe('webhooks of one payment', () => {
  it('are all accepted when they arrive at once, and each declined card is counted', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await payable(world, order.id)
    const page = await buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id })
    const intent = { id: `pi_${page.id}`, object: 'payment_intent', metadata: { payment_id: page.id } }
    const bodies = Array.from({ length: 10 }, () => eventOf('payment_intent.payment_failed', intent))
    const replies = await Promise.all(bodies.map((body) => send(body, signed(body))))
    expect(replies.map(({ status }) => status)).toEqual(bodies.map(() => 200))
    const [row] = await world.sql('payments')<{ count: number }[]>`
      select count(*)::int as count from declines where payment_id = ${page.id}`
    expect(row?.count).toBe(10)
  })

  it('that is not ours are answered, and count nothing', async () => {
    const body = eventOf('payment_intent.payment_failed', {
      id: 'pi_of_another',
      object: 'payment_intent',
      metadata: { payment_id: '0198c000-0000-7000-8000-000000000000' },
    })
    expect((await send(body, signed(body))).status).toBe(200)
  })
})

describe('a webhook that is not the provider’s', () => {
  const half = (signature: string) => signature.slice(0, signature.length - 20)

  it.each<[string, (text: string) => string | undefined]>([
    ['has no signature', () => undefined],
    ['has an empty one', () => ''],
    ['is signed with another secret', (text) => signed(text, { secret: 'whsec_forged' })],
    ['is signed six minutes ago', (text) => signed(text, { at: nowSeconds() - 360 })],
    ['has a truncated signature', (text) => half(signed(text))],
    ['has a signature of another body', () => signed('{}')],
    ['has only the time', () => `t=${nowSeconds()}`],
    ['has only a hash', (text) => signed(text).split(',')[1]],
    ['has a time that is none', (text) => signed(text).replace(/t=\d+/, 't=soon')],
    ['has a signature of an old scheme', (text) => signed(text).replace('v1=', 'v0=')],
    ['has nonsense', () => 'nonsense'],
    ['has a very long one', () => `t=1,${'v1=00,'.repeat(1_000)}`],
  ])('because it %s is refused with 400, and nothing is stored', async (_, signatureOf) => {
    const before = await stored()
    const text = body()
    const answer = await send(text, signatureOf(text))
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as Problem).code).toBe('bad-signature')
    expect(await stored()).toEqual(before)
  })

  it('because a byte of it was changed is refused', async () => {
    const text = body()
    expect((await send(text.replace('pi_forged', 'pi_f0rged'), signed(text))).status).toBe(400)
    expect((await send(` ${text}`, signed(text))).status).toBe(400)
  })

  it('because it is not JSON, or not an event, is refused and breaks nothing', async () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '7',
      '"text"',
      '{}',
      '{"id":7,"type":{},"data":null}',
      '{"id":"evt_x","type":"payment_intent.succeeded"}',
    ]) {
      const answer = await send(text, signed(text))
      expect([text, answer.status]).toEqual([text, 400])
    }
  })

  it('counts as one more in the metrics', async () => {
    const counted = () => metric(world, 'payments', 'provider_bad_signatures_total')
    const before = (await counted()) ?? 0
    await send(body(), 'nonsense')
    expect(await counted()).toBe(before + 1)
  })
})

describe('webhooks that are not the provider’s', () => {
  it('are refused without a connection to the database', async () => {
    await using small = await openWorld({ DATABASE_POOL: 2 })
    const [seller, buyer] = [await small.member(), await small.member()]
    const { payment } = await buy(small, seller, buyer)
    const sql = small.sql('payments')
    let refunds: Promise<unknown>[] = []
    await sql.begin(async (holder) => {
      await holder`select from payments where id = ${payment.id} for update`
      refunds = Array.from({ length: 2 }, () =>
        seller.send('POST', `/api/payments/${payment.id}/refunds`, { amount: 100 }),
      )
      const waiting = () => sql`
        select from pg_locks l join pg_stat_activity a using (pid)
        where not l.granted and a.datname = current_database()`
      await until(waiting, (locks) => locks.length >= 2, 'every connection to be in use')
      const answer = await fetch(`${small.stack.url}${path}`, { method: 'POST', headers: json, body: body() })
      expect(answer.status).toBe(400)
    })
    await Promise.all(refunds)
  })

  it('are rate-limited by address; the provider’s own are not', async () => {
    await using limited = await openWorld({ RATE_LIMIT: '1200', STRIPE_WEBHOOK_SECRETS: secrets[0]! })
    const sendTo = (text: string, headers: Record<string, string>, from: string) =>
      fetch(`${limited.stack.origins('payments')[0]}${path}`, {
        method: 'POST',
        headers: { ...json, ...headers, 'x-forwarded-for': from },
        body: text,
      })
    const statuses: number[] = []
    for (let sent = 0; sent < 32; sent++)
      statuses.push((await sendTo(body(), { 'stripe-signature': 'nonsense' }, '203.0.113.7')).status)
    expect(statuses).toEqual([...Array(30).fill(400), 429, 429])
    const last = await sendTo(body(), {}, '203.0.113.7')
    expect([last.status, Number(last.headers.get('retry-after')) > 0]).toEqual([429, true])
    for (let sent = 0; sent < 40; sent++) {
      const text = eventOf('charge.succeeded', { id: 'ch_1' })
      expect((await sendTo(text, { 'stripe-signature': signed(text) }, '203.0.113.8')).status).toBe(200)
    }
  })
})

const json = { 'content-type': 'application/json' }
const body = () => eventOf('payment_intent.succeeded', { id: 'pi_forged', object: 'payment_intent' })

describe('a webhook of the provider', () => {
  it('arrives from another site and without a session, unlike any other post', async () => {
    const text = eventOf('charge.succeeded', { id: 'ch_1' })
    const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await send(text, signed(text), headers)).status).toBe(200)
    const other = await fetch(`${world.stack.url}/api/users/signout`, { method: 'POST', headers })
    expect(other.status).toBe(403)
  })

  it('may be signed with the new secret or the old one during a rotation', async () => {
    for (const secret of secrets) {
      const text = eventOf('payment_intent.created', { id: 'pi_1' })
      expect((await send(text, signed(text, { secret }))).status).toBe(200)
    }
    const both = eventOf('payment_intent.created', { id: 'pi_1' })
    const [, newer] = signed(both, { secret: 'whsec_not_here_yet' }).split(',')
    expect((await send(both, `${signed(both)},${newer}`)).status).toBe(200)
  })

  it('of a type that we ignore is answered with 200, counted, and not stored', async () => {
    const others = async () => (await metric(world, 'payments', 'provider_events_total', { type: 'other' })) ?? 0
    const before = { events: await stored(), count: await others() }
    for (const type of ['customer.created', 'charge.dispute.created', '__proto__', '']) {
      const text = eventOf(type, { id: 'cus_1' })
      expect([type, (await send(text, signed(text))).status]).toEqual([type, 200])
    }
    expect(await stored()).toEqual(before.events)
    expect(await others()).toBe(before.count + 4)
  })

  it('delivered ten times at once counts once', async () => {
    const text = eventOf('payment_intent.succeeded', { id: 'pi_none', object: 'payment_intent' }, 'evt_ten_times')
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(text, signed(text))))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect((await stored()).filter((id) => id === 'evt_ten_times')).toHaveLength(1)
  })

  it('is never trusted: one that claims a payment pays nothing', async () => {
    const [seller, buyer] = [await world.member(), await world.member()]
    const order = await reserve(buyer, (await listTicket(seller)).id)
    await payable(world, order.id)
    const page = await buyer.expect<Payment>(201, 'POST', '/api/payments', { orderId: order.id })
    const metadata = { payment_id: page.id, order_id: order.id }
    const [{ sessionId }] = await world.sql('payments')<[{ sessionId: string }]>`
      select session_id from payments where id = ${page.id}`
    const intent = { id: 'pi_of_nobody', object: 'payment_intent', status: 'succeeded', amount: 4500, metadata }
    for (const [type, object] of [
      [
        'checkout.session.completed',
        { id: sessionId, object: 'checkout.session', status: 'complete', payment_intent: intent.id, metadata },
      ],
      ['payment_intent.amount_capturable_updated', intent],
      ['payment_intent.succeeded', intent],
      ['payment_intent.canceled', intent],
      ['checkout.session.expired', { id: sessionId, object: 'checkout.session', status: 'expired', metadata }],
    ] as const) {
      const text = eventOf(type, object)
      expect((await send(text, signed(text))).status).toBe(200)
    }
    await world.settled()
    await orderIn(buyer, order.id, 'awaiting:payment')
    expect(await buyer.expect<Payment>(200, 'GET', `/api/payments/${page.id}`)).toMatchObject({ status: 'created' })
  })

  it('of an unknown payment is kept and retried, and takes effect once we know the payment', async () => {
    const { buyer, order, page } = await (async () => {
      await webhooks(world, 'drop')
      return paidOnPage()
    })()
    // Simulates our own commit arriving after the webhook: the row is removed for a while.
    const sql = world.sql('payments')
    await sql`create table set_aside as select * from payments where id = ${page.id}`
    await sql`delete from payments where id = ${page.id}`
    const { deliveries } = await world.sandbox<{
      deliveries: { event: string; type: string; metadata: { payment_id?: string } }[]
    }>('GET', '/_sandbox/webhooks?status=dropped')
    const own = deliveries.filter(({ metadata }) => metadata.payment_id === page.id).map(({ event }) => event)
    expect(own.length).toBeGreaterThan(0)
    await world.sandbox('POST', '/_sandbox/webhooks/deliver', { events: own })
    const kept = () => sql<{ status: string; tries: number; error: string }[]>`
      select status, tries, error from work where kind = 'webhook' and subject = ${page.id}`
    await until(kept, (rows) => rows.length > 0 && rows.every(({ tries }) => tries > 0), 'the webhooks to be tried')
    expect((await kept()).every(({ status, error }) => status === 'pending' && error.includes('not one of ours'))).toBe(
      true,
    )
    await sql`insert into payments select * from set_aside`
    await sql`drop table set_aside`
    await inTime(
      world,
      kept,
      (rows) => rows.every(({ status }) => status === 'done'),
      'the webhooks to have had their effect',
    )
    await orderIn(buyer, order.id, 'complete')
  })

  it('of a payment that stays unknown is given up after three days, and can be seen', async () => {
    const text = eventOf(
      'payment_intent.succeeded',
      {
        id: 'pi_elsewhere',
        object: 'payment_intent',
        metadata: { payment_id: '01900000-0000-7000-8000-000000000000' },
      },
      'evt_elsewhere',
    )
    expect((await send(text, signed(text))).status).toBe(200)
    const sql = world.sql('payments')
    const row = () =>
      sql<{ status: string; tries: number }[]>`select status, tries from work where key = 'webhook:evt_elsewhere:1'`
    await until(row, ([event]) => (event?.tries ?? 0) > 0, 'the webhook to be tried')
    await sql`update work set created_at = ${new Date(world.clock.now().getTime() - 4 * 24 * 3_600_000)}
      where key = 'webhook:evt_elsewhere:1'`
    await inTime(world, row, ([event]) => event?.status === 'dead', 'the webhook to be given up')
    expect(await gauge(world, 'payments', 'work', { kind: 'webhook', state: 'dead' })).toBeGreaterThan(0)
  })

  it('held, duplicated, shuffled and delivered late has one effect', async () => {
    await webhooks(world, 'hold')
    const sales = await Promise.all(Array.from({ length: 4 }, () => paidOnPage()))
    for (const { buyer, order } of sales) await orderIn(buyer, order.id, 'awaiting:payment')
    await world.sandbox('POST', '/_sandbox/webhooks/deliver', {
      order: 'shuffled',
      seed: 7,
      times: 3,
      concurrent: true,
    })
    for (const { buyer, order } of sales) await orderIn(buyer, order.id, 'complete')
    await world.sandbox('POST', '/_sandbox/webhooks/deliver', { order: 'reversed', times: 2 })
    await world.settled()
    for (const { order } of sales)
      expect(await providerSide(world, order.id)).toMatchObject({ captures: 1, captured: 4500 })
  })
})
