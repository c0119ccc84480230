// The Checkout part of the contract, as far as possible without filling in the page: sessions created, read,
// listed, expired, and invalid requests. Also runs against Stripe's test mode, like contract.test.ts.

import { randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { afterAll, describe, expect, it } from 'vitest'
import { checkoutParams, connect, eventually, refusalOf } from '../testing/testing.ts'

const { stripe, timeout, waitSeconds, stop } = await connect()
afterAll(stop)

const sessions = stripe.checkout.sessions
const key = () => ({ idempotencyKey: `contract:${randomUUID()}` })
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

describe('a Checkout Session', { timeout }, () => {
  it('is made open, with a page to pay on and no intent yet', async () => {
    const session = await sessions.create(checkoutParams())
    expect(session).toMatchObject({
      object: 'checkout.session',
      mode: 'payment',
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      amount_total: 4200,
      amount_subtotal: 4200,
      currency: 'usd',
      livemode: false,
      metadata: { payment_id: 'p-1' },
      client_reference_id: 'p-1',
      customer_email: 'ada@example.com',
      success_url: 'https://shop.example/return?session={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://shop.example/orders/1',
    })
    expect(session.id).toMatch(/^cs_test_/)
    expect(session.url).toMatch(/^https?:/)
    expect(session.line_items).toBeUndefined()
    const day = 24 * 60 * 60
    expect(session.expires_at - session.created).toBeGreaterThanOrEqual(day - 5)
    expect(session.expires_at - session.created).toBeLessThanOrEqual(day + 5)
  })

  it('is read as it was made', async () => {
    const session = await sessions.create(checkoutParams())
    const { lastResponse: _made, ...made } = session
    const { lastResponse: _read, ...read } = await sessions.retrieve(session.id)
    expect(read).toEqual(made)
  })

  it('shows what it sells, in order, where it is asked to', async () => {
    const [item] = checkoutParams().line_items
    const cheap = { currency: 'usd', unit_amount: 50, product_data: { name: 'Programme' } }
    const { id } = await sessions.create(checkoutParams({ line_items: [item!, { price_data: cheap, quantity: 3 }] }))
    const { data, has_more } = await sessions.listLineItems(id)
    expect(data).toMatchObject([
      { object: 'item', description: 'Autumn Lights', quantity: 1, amount_total: 4200, currency: 'usd' },
      { description: 'Programme', quantity: 3, amount_total: 150, price: { unit_amount: 50, type: 'one_time' } },
    ])
    expect(has_more).toBe(false)
    const first = await sessions.listLineItems(id, { limit: 1 })
    expect(first).toMatchObject({ data: [{ id: data[0]!.id }], has_more: true })
    expect((await sessions.listLineItems(id, { starting_after: data[0]!.id })).data).toMatchObject([
      { id: data[1]!.id },
    ])
    const expanded = await sessions.retrieve(id, { expand: ['line_items', 'payment_intent'] })
    expect(expanded).toMatchObject({ amount_total: 4350, payment_intent: null })
    expect(expanded.line_items?.data.map(({ description }) => description)).toEqual(['Autumn Lights', 'Programme'])
  })

  it('is found in the list by its status, newest first', async () => {
    const older = await sessions.create(checkoutParams())
    const newer = await sessions.create(checkoutParams())
    const expired = await sessions.create(checkoutParams())
    await sessions.expire(expired.id)
    const created = { gte: older.created }
    const open = await eventually(
      () => sessions.list({ status: 'open', created, limit: 100 }),
      ({ data }) => data.some(({ id }) => id === newer.id) && data.every(({ id }) => id !== expired.id),
      waitSeconds,
    )
    const ids = open.data.map(({ id }) => id)
    expect(ids.indexOf(newer.id)).toBeLessThan(ids.indexOf(older.id))
    expect((await sessions.list({ limit: 1, starting_after: newer.id })).data[0]!.id).toBe(older.id)
    expect((await sessions.list({ payment_intent: 'pi_none' }).catch(() => ({ data: [] }))).data).toEqual([])
  })
})

describe('the end of a Checkout Session', { timeout }, () => {
  it('comes when it is expired, and it can no longer be paid', async () => {
    const { id } = await sessions.create(checkoutParams())
    expect(await sessions.expire(id)).toMatchObject({
      id,
      status: 'expired',
      payment_status: 'unpaid',
      payment_intent: null,
      url: null,
    })
    expect(await sessions.retrieve(id)).toMatchObject({ status: 'expired', url: null })
    await eventually(
      () => stripe.events.list({ type: 'checkout.session.expired', limit: 100 }),
      ({ data }) => data.some(({ data: { object } }) => (object as Stripe.Checkout.Session).id === id),
      waitSeconds,
    )
  })

  it('comes once: expired again with another key, it is refused', async () => {
    const { id } = await sessions.create(checkoutParams())
    const options = key()
    await sessions.expire(id, {}, options)
    expect((await sessions.expire(id, {}, options)).status).toBe('expired')
    const again = await refusalOf(sessions.expire(id, {}, key()))
    expect(again).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    expect(again).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error' })
    expect(again.message).toContain('Only Checkout Sessions with a status in ["open"] can be expired')
  })

  it.each([
    ['29 minutes', 29 * 60, 'at least 30 minutes'],
    ['25 hours', 25 * 60 * 60, 'less than 24 hours'],
  ])('cannot be %s away', async (_name, seconds, words) => {
    const error = await refusalOf(sessions.create(checkoutParams({ expires_at: inSeconds(seconds) })))
    expect(error).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error', param: 'expires_at' })
    expect(error.message).toContain(words)
  })

  it('can be 31 minutes away', async () => {
    const expires_at = inSeconds(31 * 60)
    expect(await sessions.create(checkoutParams({ expires_at }))).toMatchObject({ expires_at, status: 'open' })
  })
})

describe('the idempotency key of a Checkout Session', { timeout }, () => {
  it('gives the same session, as it first was, also after that has ended', async () => {
    const options = key()
    const params = checkoutParams({ expires_at: inSeconds(31 * 60) })
    const first = await sessions.create(params, options)
    await sessions.expire(first.id)
    const again = await sessions.create(params, options)
    expect(again).toMatchObject({ id: first.id, status: 'open', url: first.url })
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
  })

  it('with another expires_at is refused: the parameters must be frozen', async () => {
    const options = key()
    await sessions.create(checkoutParams({ expires_at: inSeconds(31 * 60) }), options)
    const error = await refusalOf(sessions.create(checkoutParams({ expires_at: inSeconds(32 * 60) }), options))
    expect(error).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' })
  })
})

describe('a Checkout request that is wrong', { timeout }, () => {
  const item = (price: object, quantity: unknown = 1) => [
    { price_data: { currency: 'usd', unit_amount: 4200, product_data: { name: 'Ticket' }, ...price }, quantity },
  ]
  const create = (more: object) => sessions.create(checkoutParams(more))

  it.each([
    ['an unknown parameter', { colour: 'red' }, 'parameter_unknown', 'colour'],
    ['a parameter that was removed', { payment_method_types: ['card'] }, 'parameter_unknown', 'payment_method_types'],
    [
      'an unknown parameter of the intent',
      { payment_intent_data: { colour: 'red' } },
      'parameter_unknown',
      'payment_intent_data[colour]',
    ],
    ['no success_url', { success_url: undefined }, 'parameter_missing', 'success_url'],
    ['a success_url that is none', { success_url: 'somewhere' }, 'url_invalid', 'success_url'],
    ['an address that is none', { customer_email: 'nobody' }, 'email_invalid', 'customer_email'],
  ])('%s: 400, and which parameter', async (_name, more, code, param) => {
    expect(await refusalOf(create(more))).toMatchObject({ statusCode: 400, code, param })
  })

  it('for less than can be charged: 400', async () => {
    const error = await refusalOf(create({ line_items: item({ unit_amount: 49 }) }))
    expect(error).toMatchObject({ statusCode: 400, code: 'amount_too_small' })
    expect((await create({ line_items: item({ unit_amount: 25 }, 2) })).amount_total).toBe(50)
  })

  it.each([
    ['nothing to sell', { line_items: undefined }],
    ['a quantity of none', { line_items: item({}, 0) }],
    ['an unknown currency', { line_items: item({ currency: 'xyz' }) }],
    ['an unknown mode', { mode: 'gift' }],
    ['a property that cannot be expanded', { expand: ['nothing'] }],
    ['a long reference', { client_reference_id: 'r'.repeat(201) }],
  ])('%s: 400', async (_name, more) => {
    expect(await refusalOf(create(more))).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error' })
  })

  it('about a session that does not exist: 404', async () => {
    for (const call of [
      () => sessions.retrieve('cs_test_none'),
      () => sessions.expire('cs_test_none'),
      () => sessions.listLineItems('cs_test_none'),
    ]) {
      expect(await refusalOf(call())).toMatchObject({ statusCode: 404, code: 'resource_missing' })
    }
  })
})
