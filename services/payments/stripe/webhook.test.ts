import { readFileSync } from 'node:fs'
import { providerEvents, selectedEvents } from '@aisle/contracts/provider-events'
import type Stripe from 'stripe'
import { describe, expect, it } from 'vitest'
import { isHeard, isNews, subjectOf } from './webhook.ts'

const event = (object: object) => ({ data: { object } }) as unknown as Stripe.Event
const paymentId = '01910000-0000-7000-8000-000000000006'

describe('what a webhook is about', () => {
  it.each([
    ['an intent', { id: 'pi_1', object: 'payment_intent', metadata: { payment_id: paymentId } }, 'pi_1'],
    [
      'a session',
      { id: 'cs_1', object: 'checkout.session', payment_intent: 'pi_1', metadata: { payment_id: paymentId } },
      'pi_1',
    ],
    ['a session that was not paid', { id: 'cs_1', payment_intent: null, metadata: { payment_id: paymentId } }, null],
    [
      'a refund',
      { id: 're_1', object: 'refund', payment_intent: { id: 'pi_1' }, metadata: { payment_id: paymentId } },
      'pi_1',
    ],
  ])('is found in %s', (_, object, intentId) => {
    expect(subjectOf(event(object))).toEqual({ objectId: object.id, intentId, paymentId })
  })

  it.each([
    {},
    { id: 7 },
    { id: 'pi_1', metadata: null },
    { id: 'pi_1', metadata: { payment_id: 'drop table' } },
    { metadata: { payment_id: ['x'] } },
  ])('is nothing where the object is strange: %j', (object) => {
    expect(subjectOf(event(object)).paymentId).toBeNull()
  })
})

describe('news', () => {
  it('is what the payment does not have yet', () => {
    expect(isNews('payment_intent.amount_capturable_updated', 'pi_1', { status: 'created', stripeId: null })).toBe(true)
    expect(isNews('payment_intent.amount_capturable_updated', 'pi_1', { status: 'authorized', stripeId: 'pi_1' })).toBe(
      false,
    )
    expect(isNews('payment_intent.succeeded', 'pi_1', { status: 'authorized', stripeId: 'pi_1' })).toBe(true)
    expect(isNews('payment_intent.succeeded', 'pi_1', { status: 'captured', stripeId: 'pi_1' })).toBe(false)
  })

  it('is always another intent than the payment’s own, and everything about refunds', () => {
    expect(isNews('payment_intent.amount_capturable_updated', 'pi_2', { status: 'captured', stripeId: 'pi_1' })).toBe(
      true,
    )
    for (const type of providerEvents.filter((type) => type.startsWith('refund.')))
      expect(isNews(type, 'pi_1', { status: 'refunded', stripeId: 'pi_1' })).toBe(true)
  })

  it('is nothing that an object has by birth', () => {
    expect(['constructor', 'toString', '__proto__', 'charge.succeeded'].filter(isHeard)).toEqual([])
  })
})

describe('what docs/payments.md tells an operator', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
  const docs = read('../../../docs/payments.md')

  it('names exactly the webhooks that are selected', () => {
    const list = docs.slice(docs.indexOf('<!-- events:begin -->'), docs.indexOf('<!-- events:end -->'))
    expect([...list.matchAll(/`([a-z_.]+)`/g)].map(([, type]) => type)).toEqual(selectedEvents)
  })

  it('names metrics that there are, and every one of payments', () => {
    const there = [...read('../meters.ts').matchAll(/'((?:provider|authorization|books)_[a-z_]+)'/g)].map(
      ([, name]) => name,
    )
    const named = [...docs.matchAll(/`((?:provider|authorization|books)_(?!calls`|comparisons)[a-z_]+)/g)].map(
      ([, name]) => name,
    )
    expect(new Set(named)).toEqual(new Set(there))
  })
})
