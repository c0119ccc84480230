// What our payments code may rely on, verified through the real SDK: cards, authorisations, captures, voids,
// refunds. Runs against the sandbox or, if STRIPE_SECRET_KEY is a test key, unchanged against Stripe's test
// mode: then it shows where the sandbox differs from Stripe.

import Stripe from 'stripe'
import { afterAll, describe, expect, it } from 'vitest'
import { cardsOnly, connect, eventually, refusalOf } from '../testing/testing.ts'

const { stripe, timeout, waitSeconds, pay, authorise, byToken, chargeOf, stop } = await connect()
afterAll(stop)

describe('a card that pays', { timeout }, () => {
  it.each([
    ['visa', 'visa', '4242'],
    ['visa_debit', 'visa', '5556'],
    ['mastercard', 'mastercard', '4444'],
    ['mastercard_debit', 'mastercard', '8210'],
    ['mastercard_prepaid', 'mastercard', '5100'],
    ['amex', 'amex', '0005'],
    ['discover', 'discover', '1117'],
    ['diners', 'diners', '0004'],
    ['jcb', 'jcb', '0505'],
    ['unionpay', 'unionpay', '0005'],
  ])('%s is charged, by token and by payment method', async (name, brand, last4) => {
    for (const card of [byToken(`tok_${name}`), { payment_method: `pm_card_${name}` }]) {
      const intent = await pay({ ...card, expand: ['latest_charge'] })
      expect(intent).toMatchObject({
        status: 'succeeded',
        amount_received: 1200,
        amount_capturable: 0,
        livemode: false,
      })
      const charge = intent.latest_charge as Stripe.Charge
      expect(charge).toMatchObject({ status: 'succeeded', paid: true, captured: true, amount_captured: 1200 })
      expect(charge.payment_method_details?.card).toMatchObject({ brand, last4 })
    }
  })
})

describe('a card that is declined', { timeout }, () => {
  it.each([
    ['visa_chargeDeclined', 'card_declined', 'generic_decline', undefined],
    ['visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds', undefined],
    ['visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', undefined],
    ['visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card', undefined],
    ['chargeDeclined', 'card_declined', 'generic_decline', undefined],
    ['chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds', undefined],
    ['chargeDeclinedFraudulent', 'card_declined', 'fraudulent', undefined],
    ['visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded', undefined],
    ['chargeDeclinedExpiredCard', 'expired_card', 'expired_card', 'exp_month'],
    ['chargeDeclinedIncorrectCvc', 'incorrect_cvc', 'incorrect_cvc', 'cvc'],
    ['chargeDeclinedProcessingError', 'processing_error', 'processing_error', undefined],
  ])('%s: 402 with the reason, and the intent wants another card', async (name, code, declineCode, param) => {
    for (const card of [byToken(`tok_${name}`), { payment_method: `pm_card_${name}` }]) {
      const error = await refusalOf(pay({ ...card, capture_method: 'manual' }))
      expect(error).toBeInstanceOf(Stripe.errors.StripeCardError)
      expect(error).toMatchObject({ statusCode: 402, code, decline_code: declineCode })
      expect(error.param).toBe(param)
      const intent = error.payment_intent!
      expect(intent).toMatchObject({
        status: 'requires_payment_method',
        amount_received: 0,
        amount_capturable: 0,
        payment_method: null,
        last_payment_error: { type: 'card_error', code, decline_code: declineCode },
      })
      expect(await chargeOf(intent)).toMatchObject({ status: 'failed', paid: false, failure_code: code })
    }
  })

  it('is paid by another card on the same intent', async () => {
    const { payment_intent: declined } = await refusalOf(pay({ payment_method: 'pm_card_visa_chargeDeclined' }))
    const paid = await stripe.paymentIntents.confirm(declined!.id, { payment_method: 'pm_card_visa' })
    expect(paid).toMatchObject({ id: declined!.id, status: 'succeeded', last_payment_error: null })
    expect((await stripe.charges.list({ payment_intent: paid.id })).data.map(({ status }) => status)).toEqual([
      'succeeded',
      'failed',
    ])
  })
})

describe('a card that wants 3-D Secure', { timeout }, () => {
  const names = ['authenticationRequired', 'threeDSecure2Required', 'threeDSecureRequiredChargeDeclined']
  it.each(names)('%s waits for the buyer, can be cancelled, and cannot be captured', async (name) => {
    const intent = await authorise({ payment_method: `pm_card_${name}`, return_url: 'https://example.com/back' })
    expect(intent).toMatchObject({ status: 'requires_action', latest_charge: null, amount_capturable: 0 })
    expect(intent.next_action).toMatchObject({
      type: 'redirect_to_url',
      redirect_to_url: { return_url: 'https://example.com/back', url: expect.stringMatching(/^http/) },
    })
    expect(await refusalOf(stripe.paymentIntents.capture(intent.id))).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
    })
    expect(await stripe.paymentIntents.cancel(intent.id)).toMatchObject({ status: 'canceled', next_action: null })
  })

  it('does not pay when the buyer cannot be asked', async () => {
    const card = { payment_method: 'pm_card_threeDSecure2Required' }
    const error = await refusalOf(pay({ ...card, error_on_requires_action: true }))
    expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required' })
  })
})

describe('an authorisation', { timeout }, () => {
  it('is captured whole, once', async () => {
    const intent = await authorise({ metadata: { payment_id: 'p-1' }, description: 'Ticket' })
    expect(intent).toMatchObject({
      status: 'requires_capture',
      amount: 1200,
      amount_capturable: 1200,
      amount_received: 0,
      capture_method: 'manual',
      metadata: { payment_id: 'p-1' },
      description: 'Ticket',
    })
    expect(await chargeOf(intent)).toMatchObject({ captured: false, paid: true, amount_captured: 0, refunded: false })
    const captured = await stripe.paymentIntents.capture(intent.id)
    expect(captured).toMatchObject({ status: 'succeeded', amount_received: 1200, amount_capturable: 0 })
    expect(await chargeOf(captured)).toMatchObject({ captured: true, amount_captured: 1200, amount_refunded: 0 })
    expect(await refusalOf(stripe.paymentIntents.capture(intent.id))).toMatchObject({
      statusCode: 400,
      type: 'StripeInvalidRequestError',
      code: 'payment_intent_unexpected_state',
      payment_intent: { id: intent.id, status: 'succeeded' },
    })
    expect(await refusalOf(stripe.paymentIntents.cancel(intent.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
      payment_intent: { status: 'succeeded' },
    })
  })

  it('is captured in part, and the rest is let go', async () => {
    const intent = await authorise()
    const captured = await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 700 })
    expect(captured).toMatchObject({ status: 'succeeded', amount: 1200, amount_received: 700, amount_capturable: 0 })
    expect(await chargeOf(captured)).toMatchObject({ amount: 1200, amount_captured: 700, amount_refunded: 500 })
  })

  it('is never captured above its amount', async () => {
    const intent = await authorise()
    const error = await refusalOf(stripe.paymentIntents.capture(intent.id, { amount_to_capture: 1201 }))
    expect(error).toMatchObject({ statusCode: 400, code: 'amount_too_large' })
    expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe('requires_capture')
  })

  it('is voided: nothing was taken, and nothing can be captured or refunded any more', async () => {
    const intent = await authorise()
    const voided = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'requested_by_customer' })
    expect(voided).toMatchObject({
      status: 'canceled',
      amount_received: 0,
      amount_capturable: 0,
      cancellation_reason: 'requested_by_customer',
      canceled_at: expect.any(Number),
    })
    expect(await chargeOf(voided)).toMatchObject({ captured: false, refunded: true, amount_captured: 0 })
    const code = 'payment_intent_unexpected_state'
    expect(await refusalOf(stripe.paymentIntents.capture(intent.id))).toMatchObject({ code })
    expect(await refusalOf(stripe.paymentIntents.cancel(intent.id))).toMatchObject({ code })
    expect(await refusalOf(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({ statusCode: 400 })
  })

  it('is not refunded but cancelled', async () => {
    const intent = await authorise()
    const error = await refusalOf(stripe.refunds.create({ payment_intent: intent.id }))
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' })
    expect(error.code).toBeUndefined()
  })
})

describe('an intent without a card', { timeout }, () => {
  it('waits, is confirmed later, and is then paid', async () => {
    const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'eur', ...cardsOnly })
    expect(intent).toMatchObject({
      status: 'requires_payment_method',
      latest_charge: null,
      client_secret: expect.any(String),
    })
    expect(await refusalOf(stripe.paymentIntents.confirm(intent.id))).toMatchObject({
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
    })
    const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })
    expect(paid).toMatchObject({ status: 'succeeded', amount_received: 900, currency: 'eur' })
    expect(await refusalOf(stripe.paymentIntents.confirm(intent.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
  })

  it('with a card but unconfirmed can be confirmed without naming the card again', async () => {
    const intent = await stripe.paymentIntents.create({
      amount: 900,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      ...cardsOnly,
    })
    expect(intent.status).toBe('requires_confirmation')
    expect((await stripe.paymentIntents.confirm(intent.id)).status).toBe('succeeded')
  })

  it('needs a return_url when methods that redirect are allowed', async () => {
    const anyMethod = { amount: 900, currency: 'usd', confirm: true, payment_method: 'pm_card_visa' }
    expect(await refusalOf(stripe.paymentIntents.create(anyMethod))).toMatchObject({ statusCode: 400 })
    const paid = await stripe.paymentIntents.create({ ...anyMethod, return_url: 'https://example.com/back' })
    expect(paid.status).toBe('succeeded')
    const never = { automatic_payment_methods: { enabled: true, allow_redirects: 'never' as const } }
    expect((await stripe.paymentIntents.create({ ...anyMethod, ...never })).status).toBe('succeeded')
  })
})

describe('a refund', { timeout }, () => {
  it('gives back a part, then the rest, and never more than was taken', async () => {
    const intent = await pay({ payment_method: 'pm_card_visa' })
    const part = await stripe.refunds.create({ payment_intent: intent.id, amount: 500, metadata: { refund_id: 'r-1' } })
    expect(part).toMatchObject({
      status: 'succeeded',
      amount: 500,
      payment_intent: intent.id,
      charge: intent.latest_charge,
      metadata: { refund_id: 'r-1' },
    })
    expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 500, refunded: false })
    const tooMuch = await refusalOf(stripe.refunds.create({ payment_intent: intent.id, amount: 701 }))
    expect(tooMuch).toMatchObject({ statusCode: 400, param: 'amount' })
    const rest = await stripe.refunds.create({
      charge: intent.latest_charge as string,
      reason: 'requested_by_customer',
    })
    expect(rest).toMatchObject({ status: 'succeeded', amount: 700, reason: 'requested_by_customer' })
    expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 1200, refunded: true })
    expect(await refusalOf(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      statusCode: 400,
      code: 'charge_already_refunded',
    })
    const refunds = await stripe.refunds.list({ payment_intent: intent.id })
    expect(refunds.data.map(({ id }) => id)).toEqual([rest.id, part.id])
    expect((await stripe.refunds.retrieve(part.id, { expand: ['charge'] })).charge).toMatchObject({ object: 'charge' })
  })

  it('of a partial capture gives back no more than was captured', async () => {
    const intent = await authorise()
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 700 })
    await refusalOf(stripe.refunds.create({ payment_intent: intent.id, amount: 701 }))
    expect(await stripe.refunds.create({ payment_intent: intent.id })).toMatchObject({ amount: 700 })
  })

  it('can be pending first and succeed later', async () => {
    const intent = await pay({ payment_method: 'pm_card_pendingRefund' })
    const refund = await stripe.refunds.create({ payment_intent: intent.id })
    expect(refund.status).toBe('pending')
    await eventually(
      () => stripe.refunds.retrieve(refund.id),
      ({ status }) => status === 'succeeded',
      waitSeconds,
    )
  })

  it('can succeed first and fail later; its amount can then be refunded again', async () => {
    const intent = await pay({ payment_method: 'pm_card_refundFail' })
    const refund = await stripe.refunds.create({ payment_intent: intent.id })
    expect(refund.status).toBe('succeeded')
    const failed = await eventually(
      () => stripe.refunds.retrieve(refund.id),
      ({ status }) => status === 'failed',
      waitSeconds,
    )
    expect(failed).toMatchObject({
      failure_reason: expect.any(String),
      failure_balance_transaction: expect.any(String),
    })
    expect(await chargeOf(intent)).toMatchObject({ amount_refunded: 0, refunded: false })
    expect(await stripe.refunds.create({ payment_intent: intent.id })).toMatchObject({ amount: 1200 })
  })

  it('of a payment that does not exist is refused', async () => {
    expect(await refusalOf(stripe.refunds.create({ payment_intent: 'pi_none' }))).toMatchObject({
      code: 'resource_missing',
      param: 'payment_intent',
    })
    expect(await refusalOf(stripe.refunds.create({}))).toMatchObject({ statusCode: 400 })
  })
})
