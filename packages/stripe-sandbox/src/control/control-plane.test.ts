// What only the sandbox has: typed card numbers, fault switches, a clock, ledger totals, the status page.

import { randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { cardData, cardsOnly, control as controlOf, refusalOf, sandboxClient } from '../testing/testing.ts'

let sandbox: Sandbox
let stripe: Stripe

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, dataDir: ':memory:' })
  stripe = sandboxClient(sandbox.port)
})
afterEach(() => sandbox.stop())

const control = (method: string, path: string, body?: object) => controlOf(sandbox.url, method, path, body)
const fault = (body: object) => control('POST', '/faults', body)
const pay = (more: Partial<Stripe.PaymentIntentCreateParams> = {}, options?: Stripe.RequestOptions) =>
  stripe.paymentIntents.create(
    {
      amount: 1200,
      currency: 'usd',
      confirm: true,
      ...cardsOnly,
      ...(more.payment_method_data ? {} : { payment_method: 'pm_card_visa' }),
      ...more,
    },
    options,
  )
const authorise = (options?: Stripe.RequestOptions) => pay({ capture_method: 'manual' }, options)
const typed = (number: string, more: object = {}) =>
  pay(cardData({ number, exp_month: 12, exp_year: 2040, cvc: '123', ...more }))
const key = () => ({ idempotencyKey: randomUUID() })

describe('a typed card number', () => {
  it.each(['4242424242424242', '4242 4242 4242 4242', '5555555555554444', '4000000000005126', '4000000000007726'])(
    '%s pays',
    async (number) => {
      expect((await typed(number)).status).toBe('succeeded')
    },
  )

  it.each([
    ['4000000000000002', 'card_declined', 'generic_decline'],
    ['4000000000009995', 'card_declined', 'insufficient_funds'],
    ['4000000000000069', 'expired_card', 'expired_card'],
    ['4000000000000127', 'incorrect_cvc', 'incorrect_cvc'],
    ['4000000000000119', 'processing_error', 'processing_error'],
    ['4000000000000101', 'card_declined', 'test_mode_live_card'],
  ])('%s is declined: %s, %s', async (number, code, decline_code) => {
    expect(await refusalOf(typed(number))).toMatchObject({ statusCode: 402, code, decline_code })
  })

  it.each(['4000002500003155', '4000000000003220', '4000008400001629'])('%s waits for 3-D Secure', async (number) => {
    expect(await typed(number)).toMatchObject({ status: 'requires_action', next_action: { type: 'use_stripe_sdk' } })
  })

  it.each([
    ['4242424242424241', {}, 'incorrect_number'],
    ['42', {}, 'incorrect_number'],
    ['4242424242424242', { exp_year: 2020 }, 'invalid_expiry_year'],
    ['4242424242424242', { exp_month: 13 }, 'invalid_expiry_month'],
    ['4242424242424242', { cvc: '12' }, 'invalid_cvc'],
  ])('%s with %o is refused before any charge: %s', async (number, more, code) => {
    expect(await refusalOf(typed(number, more))).toMatchObject({ statusCode: 402, code })
    expect((await stripe.charges.list()).data).toEqual([])
  })
})

// If the connection breaks, the SDK repeats the request once with the same key, even with maxNetworkRetries: 0.
// For the caller to see one lost response, two must be lost.
describe('a fault switch', () => {
  it('drops the answer after the commit; the same key then brings the answer, once paid', async () => {
    await fault({ route: 'payment_intents.create', kind: 'drop-after-commit', times: 2 })
    const options = key()
    const lost = await refusalOf(authorise(options))
    expect(lost).toBeInstanceOf(Stripe.errors.StripeConnectionError)
    const again = await authorise(options)
    expect(again).toMatchObject({ status: 'requires_capture' })
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1)
  })

  it('drops the request before anything is done', async () => {
    await fault({ method: 'post', path: '^/v1/payment_intents$', kind: 'drop-before', times: 2 })
    const options = key()
    expect(await refusalOf(authorise(options))).toBeInstanceOf(Stripe.errors.StripeConnectionError)
    expect((await stripe.paymentIntents.list()).data).toEqual([])
    expect((await authorise(options)).status).toBe('requires_capture')
  })

  it('makes a capture fail for good, so that the payment can only be voided', async () => {
    const intent = await authorise()
    await fault({
      route: 'payment_intents.capture',
      kind: 'status',
      status: 400,
      code: 'charge_expired_for_capture',
      times: -1,
    })
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(await refusalOf(stripe.paymentIntents.capture(intent.id, {}, key()))).toMatchObject({
        statusCode: 400,
        code: 'charge_expired_for_capture',
      })
    }
    expect(await stripe.paymentIntents.cancel(intent.id)).toMatchObject({ status: 'canceled', amount_received: 0 })
  })

  it('answers 402 by default as a generic decline, and the key keeps that answer', async () => {
    const intent = await authorise()
    await fault({ route: 'payment_intents.capture', kind: 'status', status: 402 })
    const options = key()
    const declined = { statusCode: 402, code: 'card_declined', decline_code: 'generic_decline' }
    expect(await refusalOf(stripe.paymentIntents.capture(intent.id, {}, options))).toMatchObject(declined)
    expect(await refusalOf(stripe.paymentIntents.capture(intent.id, {}, options))).toMatchObject(declined)
    expect((await stripe.paymentIntents.capture(intent.id, {}, key())).status).toBe('succeeded')
  })

  it('answers 500 after the commit; the key keeps the 500, the money has moved', async () => {
    const intent = await authorise()
    await fault({ route: 'payment_intents.capture', kind: 'status', status: 500, when: 'after' })
    const options = key()
    expect(await refusalOf(stripe.paymentIntents.capture(intent.id, {}, options))).toMatchObject({ statusCode: 500 })
    const again = await refusalOf(stripe.paymentIntents.capture(intent.id, {}, options))
    expect(again).toMatchObject({ statusCode: 500, rawType: 'api_error' })
    expect(again.headers?.['idempotent-replayed']).toBe('true')
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded')
  })

  it.each([409, 429, 503])('answers %i with nothing done, and the same key works afterwards', async (status) => {
    await fault({ kind: 'status', status, method: 'POST', times: 2 })
    const options = key()
    expect(await refusalOf(authorise(options))).toMatchObject({ statusCode: status })
    expect(await refusalOf(authorise(options))).toMatchObject({ statusCode: status })
    expect((await stripe.paymentIntents.list()).data).toEqual([])
    expect((await authorise(options)).status).toBe('requires_capture')
  })

  it('delays a request, whose key is in use meanwhile: 409', async () => {
    await fault({ route: 'payment_intents.create', kind: 'latency', ms: 300 })
    const options = key()
    const slow = authorise(options)
    // Once its fault is used up, the delayed request is known to have arrived.
    while ((await control('GET', '/faults')).body.faults.length > 0);
    expect(await refusalOf(authorise(options))).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' })
    const intent = await slow
    expect((await authorise(options)).id).toBe(intent.id)
  })

  it('holds a request until the faults for its route are switched off', async () => {
    await fault({ route: 'payment_intents.create', kind: 'latency', ms: 600_000 })
    await fault({ route: 'refunds.create', kind: 'status', status: 429 })
    const held = authorise(key())
    while ((await control('GET', '/faults')).body.faults.length > 1);
    expect((await control('DELETE', '/faults?route=payment_intents.create')).body).toEqual({ removed: 0 })
    expect((await held).status).toBe('requires_capture')
    expect((await control('GET', '/faults')).body.faults).toMatchObject([{ route: 'refunds.create' }])
  })

  it('is listed until it has happened, and can be switched off', async () => {
    const { body } = await fault({ route: 'refunds.create', kind: 'status', status: 429, times: 3 })
    expect(body).toMatchObject({
      id: 1,
      route: 'refunds.create',
      kind: 'status',
      status: 429,
      when: 'before',
      times: 3,
    })
    await refusalOf(stripe.refunds.create({ payment_intent: 'pi_none' }))
    expect((await control('GET', '/faults')).body.faults).toMatchObject([{ id: 1, times: 2 }])
    expect((await control('DELETE', '/faults')).body).toEqual({ removed: 1 })
    expect((await control('GET', '/faults')).body).toEqual({ faults: [] })
  })

  it.each([
    [{}, /kind must be/],
    [{ kind: 'fire' }, /kind must be/],
    [{ kind: 'status', status: 418 }, /status must be one of/],
    [{ kind: 'status', status: 402, when: 'after' }, /Only a 5xx/],
    [{ kind: 'latency' }, /ms must be a number/],
    [{ kind: 'latency', ms: 1, times: 0 }, /times must be/],
    [{ kind: 'drop-before', path: '(' }, /regular expression/],
    [{ kind: 'drop-before', route: 'tickets.create' }, /There is no route 'tickets.create'; the routes are/],
    [{ kind: 'status', status: 500, route: 'page.pay' }, /take latency and drops/],
    [{ kind: 'drop-before', colour: 'red' }, /There is no field 'colour'/],
    [[], /Send a JSON object/],
  ])('%j is refused with a sentence', async (body, sentence) => {
    const answer = await fault(body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toMatch(sentence)
  })
})

describe('the clock', () => {
  it('moved past the settling of refunds, settles them, and says so in events', async () => {
    const pending = await stripe.refunds.create({
      payment_intent: (await pay({ payment_method: 'pm_card_pendingRefund' })).id,
    })
    const failing = await pay({ payment_method: 'pm_card_refundFail' })
    const failed = await stripe.refunds.create({ payment_intent: failing.id, amount: 400 })
    await control('POST', '/clock', { advanceSeconds: 60 })
    expect((await stripe.refunds.retrieve(pending.id)).status).toBe('succeeded')
    expect(await stripe.refunds.retrieve(failed.id)).toMatchObject({
      status: 'failed',
      failure_reason: 'expired_or_canceled_card',
    })
    const [first, second] = (await stripe.events.list({ limit: 2 })).data
    expect([first!.type, second!.type].sort()).toEqual(['refund.failed', 'refund.updated'])
    expect((await stripe.refunds.create({ payment_intent: failing.id })).amount).toBe(1200)
  })

  it('moved past seven days, ends an authorisation', async () => {
    const intent = await authorise()
    await control('POST', '/clock', { advanceSeconds: 7 * 86_400 - 60 })
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_capture')
    await control('POST', '/clock', { advanceSeconds: 120 })
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'automatic',
    })
    expect((await stripe.events.list({ limit: 2 })).data.map(({ type }) => type)).toEqual([
      'payment_intent.canceled',
      'charge.expired',
    ])
  })

  it('does not end what was captured in time', async () => {
    const intent = await authorise()
    await stripe.paymentIntents.capture(intent.id)
    await control('POST', '/clock', { advanceSeconds: 8 * 86_400 })
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded')
  })

  it('moved by 24 hours, makes idempotency keys new again, and not before', async () => {
    const options = key()
    const first = await authorise(options)
    await control('POST', '/clock', { advanceSeconds: 86_400 - 60 })
    expect((await authorise(options)).id).toBe(first.id)
    await control('POST', '/clock', { advanceSeconds: 120 })
    expect((await authorise(options)).id).not.toBe(first.id)
  })

  it('can be set, and its time is that of new payments', async () => {
    const { body } = await control('POST', '/clock', { set: '2031-05-06T07:08:09Z' })
    expect(body.now).toMatch(/^2031-05-06T07:08:09|^2031-05-06T07:08:1/)
    expect((await authorise()).created).toBeGreaterThanOrEqual(Date.parse('2031-05-06T07:08:09Z') / 1000)
    expect((await control('POST', '/clock', { set: 1_900_000_000 })).body.now).toMatch(/^2030-03-17/)
  })

  it.each([[{}], [{ advanceSeconds: 1, set: 1 }], [{ advanceSeconds: 'x' }], [{ set: 'soon' }]])(
    '%j is refused with a sentence',
    async (body) => {
      expect((await control('POST', '/clock', body)).status).toBe(400)
    },
  )
})

describe('the books', () => {
  it('show every payment, and sums per currency that keep voids apart from refunds', async () => {
    const paid = await pay({ metadata: { payment_id: 'p-1' } })
    await stripe.refunds.create({ payment_intent: paid.id, amount: 200 })
    const voided = await authorise()
    await stripe.paymentIntents.cancel(voided.id)
    await pay({ currency: 'eur' })
    const { body } = await control('GET', '/state')
    expect(body.totals).toEqual([
      { currency: 'eur', captured: 1200, released: 0, refunded: 0 },
      { currency: 'usd', captured: 1200, released: 1200, refunded: 200 },
    ])
    expect(body.intents).toHaveLength(3)
    expect(body.intents[0]).toMatchObject({
      id: paid.id,
      status: 'succeeded',
      amount: 1200,
      amountReceived: 1200,
      metadata: { payment_id: 'p-1' },
    })
    expect(body.charges).toHaveLength(3)
    expect(body.refunds).toMatchObject([{ paymentIntent: paid.id, amount: 200, status: 'succeeded' }])
    const usd = (await stripe.balance.retrieve()).pending.find(({ currency }) => currency === 'usd')
    expect(usd?.amount).toBe(1200 - Math.round(1200 * 0.029) - 30 - 200)
  })

  it('are empty after a reset, and faults and clock are as at the start', async () => {
    await pay()
    await fault({ kind: 'latency', ms: 5, times: -1 })
    await control('POST', '/clock', { advanceSeconds: 1000 })
    expect((await control('POST', '/reset')).body.offsetSeconds).toBe(0)
    expect((await control('GET', '/state')).body).toMatchObject({
      intents: [],
      charges: [],
      refunds: [],
      sessions: [],
      totals: [],
    })
    expect((await control('GET', '/faults')).body).toEqual({ faults: [] })
    expect((await pay()).status).toBe('succeeded')
  })

  it('are readable on a page that says what it is, and show markup as text', async () => {
    await pay({ metadata: { order_id: '<script>alert(1)</script>' } })
    const voided = await authorise()
    await stripe.paymentIntents.cancel(voided.id)
    const page = await fetch(sandbox.url)
    const html = await page.text()
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(html).toContain('This stands in for Stripe')
    expect(html).toContain('paid $12.00')
    expect(html).toContain('voided')
    expect(html).not.toContain('<script>')
  })
})

describe('HTTP', () => {
  const raw = (path: string, init?: RequestInit) =>
    fetch(sandbox.url + path, { ...init, headers: { authorization: 'Bearer sk_test_x', ...init?.headers } })

  it('answers with the request id and the version that it was asked in', async () => {
    const answer = await raw('/v1/balance', { headers: { 'stripe-version': '2026-10-28.endive' } })
    expect(answer.headers.get('request-id')).toMatch(/^req_/)
    expect(answer.headers.get('stripe-version')).toBe('2026-10-28.endive')
  })

  it('takes the key as basic authentication too, and none as 401', async () => {
    const basic = `Basic ${Buffer.from('sk_test_x:').toString('base64')}`
    expect((await raw('/v1/balance', { headers: { authorization: basic } })).status).toBe(200)
    const without = await fetch(`${sandbox.url}/v1/balance`)
    expect(without.status).toBe(401)
    expect(await without.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })

  it.each([
    ['/v1/tickets', undefined, 404],
    ['/v1/payment_intents', { method: 'DELETE' }, 404],
    ['/v1/payment_intents?limit=0', undefined, 400],
    ['/v1/payment_intents?limit=101', undefined, 400],
    ['/v1/payment_intents?starting_after=pi_none', undefined, 400],
    ['/v1/payment_intents/search?query=amount>5', undefined, 400],
    ['/v1/payment_intents/search?query=status:%27succeeded%27&page=x', undefined, 400],
    [
      '/v1/payment_intents',
      { method: 'POST', body: '{"amount":1}', headers: { 'content-type': 'application/json' } },
      400,
    ],
    [
      '/v1/payment_intents',
      { method: 'POST', body: 'a[=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      400,
    ],
  ])('%s with %j is refused in the form of Stripe', async (path, init, status) => {
    const answer = await raw(path, init)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', message: expect.any(String) } })
  })
})
