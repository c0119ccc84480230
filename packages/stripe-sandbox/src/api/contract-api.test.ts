// The other half of the contract: idempotency keys, lists, search, events, and invalid requests. Also runs
// against Stripe's test mode, like contract.test.ts.

import { randomUUID } from 'node:crypto'
import Stripe from 'stripe'
import { afterAll, describe, expect, it } from 'vitest'
import { cardsOnly, connect, eventually, refusalOf } from '../testing/testing.ts'

const { stripe, withKey, timeout, waitSeconds, pay, authorise, byToken, stop } = await connect()
afterAll(stop)

describe('an idempotency key', { timeout }, () => {
  const key = () => ({ idempotencyKey: `contract:${randomUUID()}` })

  it('gives the first answer again, marked as a replay', async () => {
    const options = key()
    const first = await pay({ payment_method: 'pm_card_visa' }, options)
    const again = await pay({ payment_method: 'pm_card_visa' }, options)
    expect(again.id).toBe(first.id)
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined()
    expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(again.lastResponse.headers['idempotency-key']).toBe(options.idempotencyKey)
    expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId)
    expect(again.lastResponse.requestId).not.toBe(first.lastResponse.requestId)
  })

  it('gives a decline again, although the card would pay now', async () => {
    const options = key()
    const first = await refusalOf(pay({ payment_method: 'pm_card_visa_chargeDeclined' }, options))
    const again = await refusalOf(pay({ payment_method: 'pm_card_visa_chargeDeclined' }, options))
    expect(again).toMatchObject({ statusCode: 402, code: 'card_declined', charge: first.charge })
    expect(again.payment_intent!.id).toBe(first.payment_intent!.id)
    expect(again.headers?.['idempotent-replayed']).toBe('true')
  })

  it('with other parameters, or on another route, is refused and changes nothing', async () => {
    const options = key()
    const intent = await pay({ payment_method: 'pm_card_visa' }, options)
    for (const other of [
      () => pay({ payment_method: 'pm_card_visa', amount: 1300 }, options),
      () => stripe.refunds.create({ payment_intent: intent.id }, options),
    ]) {
      const error = await refusalOf(other())
      expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
      expect(error).toMatchObject({ statusCode: 400, rawType: 'idempotency_error' })
    }
    expect((await stripe.refunds.list({ payment_intent: intent.id })).data).toEqual([])
  })

  it('is not used up by parameters that are wrong', async () => {
    const options = key()
    const wrong = await refusalOf(pay({ payment_method: 'pm_card_visa', amount: 'x' as unknown as number }, options))
    expect(wrong).toMatchObject({ statusCode: 400, code: 'parameter_invalid_integer', param: 'amount' })
    expect((await pay({ payment_method: 'pm_card_visa' }, options)).status).toBe('succeeded')
  })

  it('used twenty times at once makes one payment', async () => {
    const options = key()
    const metadata = { payment_id: randomUUID() }
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => pay({ payment_method: 'pm_card_visa', metadata }, options)),
    )
    const ids = new Set(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : [])))
    expect(ids.size).toBe(1)
    for (const result of results) if (result.status === 'rejected') expect(result.reason.statusCode).toBe(409)
  })

  it('captures once however often it is sent', async () => {
    const intent = await authorise()
    const options = key()
    for (let time = 0; time < 3; time += 1) {
      expect(await stripe.paymentIntents.capture(intent.id, {}, options)).toMatchObject({ amount_received: 1200 })
    }
  })
})

describe('reading', { timeout }, () => {
  it('finds a payment by our own id in its metadata', async () => {
    const payment_id = randomUUID()
    const intent = await authorise({ metadata: { payment_id, order_id: 'o-1' } })
    const found = await eventually(
      () =>
        stripe.paymentIntents.search({ query: `metadata['payment_id']:'${payment_id}' AND status:'requires_capture'` }),
      ({ data }) => data.length > 0,
      waitSeconds,
    )
    expect(found.data.map(({ id }) => id)).toEqual([intent.id])
    const none = await stripe.paymentIntents.search({ query: `metadata['payment_id']:'${randomUUID()}'` })
    expect(none).toMatchObject({ data: [], has_more: false, next_page: null })
  })

  it('pages through lists, newest first, in both directions', async () => {
    const since = Math.floor(Date.now() / 1000) - 1
    const ids: string[] = []
    for (let number = 0; number < 5; number += 1) {
      ids.unshift((await stripe.paymentIntents.create({ amount: 900, currency: 'usd', ...cardsOnly })).id)
    }
    const all = await stripe.paymentIntents.list({ created: { gte: since }, limit: 2 }).autoPagingToArray({ limit: 5 })
    expect(all.map(({ id }) => id)).toEqual(ids)
    const older = await stripe.paymentIntents.list({ starting_after: ids[1]!, limit: 2 })
    expect(older.data.map(({ id }) => id)).toEqual([ids[2], ids[3]])
    expect(older.has_more).toBe(true)
    const newer = await stripe.paymentIntents.list({ ending_before: ids[3]!, limit: 2 })
    expect(newer.data.map(({ id }) => id)).toEqual([ids[1], ids[2]])
    expect((await stripe.paymentIntents.list({ created: { lt: 1_000_000_000 } })).data).toEqual([])
  })

  it('tells what happened, in events that hold the object as it then was', async () => {
    const captured = await authorise()
    await stripe.paymentIntents.capture(captured.id)
    await stripe.refunds.create({ payment_intent: captured.id })
    const voided = await authorise()
    await stripe.paymentIntents.cancel(voided.id)
    const { payment_intent: declined } = await refusalOf(pay({ payment_method: 'pm_card_visa_chargeDeclined' }))

    const about = async (id: string) => {
      const events = await stripe.events.list({ limit: 100 })
      return events.data
        .filter(({ data: { object } }) => {
          const subject = object as { id: string; payment_intent?: string | null }
          return subject.id === id || subject.payment_intent === id
        })
        .reverse()
    }
    const types = async (id: string, wanted: string[]) => {
      const events = await eventually(
        () => about(id),
        (found) => found.length >= wanted.length,
        waitSeconds,
      )
      expect(events.map(({ type }) => type).sort()).toEqual([...wanted].sort())
      return events
    }
    const sale = await types(captured.id, [
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'charge.captured',
      'payment_intent.succeeded',
      'refund.created',
      'charge.refunded',
    ])
    const capturable = sale.find(({ type }) => type === 'payment_intent.amount_capturable_updated')!
    expect(capturable).toMatchObject({
      object: 'event',
      livemode: false,
      data: { object: { id: captured.id, status: 'requires_capture' } },
    })
    expect(await stripe.events.retrieve(capturable.id)).toMatchObject({ id: capturable.id, type: capturable.type })
    await types(voided.id, [
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'charge.refunded',
      'payment_intent.canceled',
    ])
    await types(declined!.id, ['payment_intent.created', 'charge.failed', 'payment_intent.payment_failed'])
  })

  it('shows a balance', async () => {
    await pay({ payment_method: 'pm_card_visa' })
    const balance = await stripe.balance.retrieve()
    expect(balance).toMatchObject({ object: 'balance', livemode: false })
    expect(balance.pending[0]).toMatchObject({ amount: expect.any(Number), currency: expect.any(String) })
  })

  it('embeds a charge only where it is asked to', async () => {
    const intent = await pay({ payment_method: 'pm_card_visa' })
    expect(typeof intent.latest_charge).toBe('string')
    const expanded = await stripe.paymentIntents.retrieve(intent.id, { expand: ['latest_charge', 'payment_method'] })
    expect(expanded.latest_charge).toMatchObject({ object: 'charge', payment_intent: intent.id })
    expect(expanded.payment_method).toMatchObject({ object: 'payment_method', type: 'card' })
  })
})

describe('a request that is wrong', { timeout }, () => {
  const create = (params: object) => stripe.paymentIntents.create(params as Stripe.PaymentIntentCreateParams)

  it.each([
    ['an unknown parameter', { amount: 900, currency: 'usd', colour: 'red' }, 'parameter_unknown', 'colour'],
    [
      'a parameter that was removed',
      { amount: 900, currency: 'usd', payment_method_types: ['card'] },
      'parameter_unknown',
      'payment_method_types',
    ],
    ['no amount', { currency: 'usd' }, 'parameter_missing', 'amount'],
    ['no currency', { amount: 900 }, 'parameter_missing', 'currency'],
    ['an amount that is no number', { amount: 'many', currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    ['a negative amount', { amount: -5, currency: 'usd' }, 'parameter_invalid_integer', 'amount'],
    ['too small an amount', { amount: 49, currency: 'usd' }, 'amount_too_small', 'amount'],
    ['an empty value', { amount: '', currency: 'usd' }, 'parameter_invalid_empty', 'amount'],
    [
      'an unknown token',
      { amount: 900, currency: 'usd', confirm: true, ...cardsOnly, ...byToken('tok_none') },
      'resource_missing',
      'payment_method_data[card][token]',
    ],
    [
      'an unknown payment method',
      { amount: 900, currency: 'usd', confirm: true, ...cardsOnly, payment_method: 'pm_none' },
      'resource_missing',
      'payment_method',
    ],
  ])('%s: 400, and which parameter', async (_name, params, code, param) => {
    const error = await refusalOf(create(params))
    expect(error).toBeInstanceOf(Stripe.errors.StripeInvalidRequestError)
    expect(error).toMatchObject({ statusCode: 400, code, param })
    expect(error.requestId).toMatch(/^req_/)
  })

  it.each([
    ['an unknown currency', { amount: 900, currency: 'xyz' }],
    ['an unknown capture method', { amount: 900, currency: 'usd', capture_method: 'later' }],
    ['a property that cannot be expanded', { amount: 900, currency: 'usd', expand: ['nothing'] }],
    ['a long metadata key', { amount: 900, currency: 'usd', metadata: { ['k'.repeat(41)]: '1' } }],
    ['a long metadata value', { amount: 900, currency: 'usd', metadata: { k: 'v'.repeat(501) } }],
    ['a hash for a number', { amount: { a: 1 }, currency: 'usd' }],
  ])('%s: 400', async (_name, params) => {
    expect(await refusalOf(create(params))).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error' })
  })

  it('about something that does not exist: 404', async () => {
    for (const call of [
      () => stripe.paymentIntents.retrieve('pi_none'),
      () => stripe.paymentIntents.capture('pi_none'),
      () => stripe.charges.retrieve('ch_none'),
      () => stripe.refunds.retrieve('re_none'),
      () => stripe.events.retrieve('evt_none'),
    ]) {
      expect(await refusalOf(call())).toMatchObject({ statusCode: 404, code: 'resource_missing' })
    }
  })

  it.each(['sk_live_0123456789', 'sk_other_0123456789', 'sk_test_'])('with the key %s: 401', async (apiKey) => {
    const error = await refusalOf(withKey(apiKey).balance.retrieve())
    expect(error).toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
    expect(error).toMatchObject({ statusCode: 401, rawType: 'invalid_request_error' })
    expect(error.message).not.toContain('0123456789')
  })
})
