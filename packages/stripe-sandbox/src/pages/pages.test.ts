// The hosted page, used as a browser without JavaScript would use it.

import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import {
  checkoutParams,
  control as controlOf,
  refusalOf,
  sandboxClient,
  typedPayment,
  visit,
} from '../testing/testing.ts'

let sandbox: Sandbox
let stripe: Stripe
beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, dataDir: ':memory:' })
  stripe = sandboxClient(sandbox.port)
})
afterEach(() => sandbox.stop())

const control = (method: string, path: string, body?: object) => controlOf(sandbox.url, method, path, body)
const state = async () => (await control('GET', '/state')).body
const read = (id: string) =>
  stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent', 'payment_intent.latest_charge'] })
const open = async (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) => {
  const session = await stripe.checkout.sessions.create(checkoutParams(more))
  return { id: session.id, url: session.url!, success: `https://shop.example/return?session=${session.id}` }
}
const eventTypes = async () => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse()

describe('an open page', () => {
  it('shows what is bought, for how much, the way back, and that no money moves', async () => {
    const { url } = await open({ line_items: [{ ...checkoutParams().line_items[0]!, quantity: 2 }] })
    const page = await visit(url)
    expect(page.status).toBe(200)
    for (const text of [
      'Autumn Lights',
      'Row 4',
      '$84.00',
      '2 at $42.00 each',
      'No money moves',
      '4242 4242 4242 4242',
    ])
      expect(page.html).toContain(text)
    expect(page.html).toContain('<a href="https://shop.example/orders/1">Back to the shop</a>')
    expect(page.fields).toMatchObject({ email: 'ada@example.com', number: '', cvc: '' })
  })

  it.each([
    ['jpy', 1500, '¥1,500'],
    ['eur', 1500, '€15.00'],
    ['gbp', 99, '£0.99'],
  ])('shows amounts in %s as they are written', async (currency, unit_amount, text) => {
    const { url } = await open({
      line_items: [{ price_data: { currency, unit_amount, product_data: { name: 'Ticket' } }, quantity: 1 }],
    })
    expect((await visit(url)).html).toContain(text)
  })

  it('can do nothing but send its own form, and be sent on to the shop', async () => {
    const { headers, html } = await visit((await open()).url)
    const policy = headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self' https://shop.example;")
    expect(policy).not.toContain('unsafe')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(html).not.toMatch(/<script|<img|src=|@import|url\(/)
  })

  it('shows markup as text', async () => {
    const name = '<script>alert("1")</script>'
    const price_data = { currency: 'usd', unit_amount: 900, product_data: { name, description: name } }
    const { url } = await open({ line_items: [{ price_data, quantity: 1 }] })
    const page = await visit(url, typedPayment('1', { name: '"><script>' }))
    expect(page.html).not.toContain('<script')
    expect(page.html).toContain('&lt;script&gt;')
  })

  it.each(['success_url', 'cancel_url'])('cannot lead to anything but a web page by its %s', async (param) => {
    const error = await refusalOf(open({ [param]: 'javascript:alert(1)' }))
    expect(error).toMatchObject({ statusCode: 400, code: 'url_invalid', param })
  })

  it('changes nothing by being opened', async () => {
    const { url, id } = await open()
    await visit(url)
    await visit(url)
    expect((await read(id)).payment_intent).toBeNull()
    expect(await eventTypes()).toEqual([])
  })
})

describe('a card that pays', () => {
  it('is authorised, the session is complete, and the buyer goes back to the shop', async () => {
    const { url, id, success } = await open()
    const sent = await visit(url, typedPayment())
    expect(sent).toMatchObject({ status: 303, location: success })
    const session = await read(id)
    expect(session).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      url: null,
      customer_details: { email: 'ada@example.com', name: 'Ada Lovelace' },
      payment_intent: {
        status: 'requires_capture',
        amount_capturable: 4200,
        metadata: { payment_id: 'p-1' },
        description: 'Ticket',
        latest_charge: { captured: false, metadata: { payment_id: 'p-1' } },
      },
    })
    const intent = session.payment_intent as Stripe.PaymentIntent
    expect(await stripe.checkout.sessions.list({ payment_intent: intent.id })).toMatchObject({ data: [{ id }] })
    await stripe.paymentIntents.capture(intent.id)
    expect((await read(id)).payment_status).toBe('paid')
    expect(await eventTypes()).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'checkout.session.completed',
      'charge.captured',
      'payment_intent.succeeded',
    ])
  })

  it('is charged at once where the capture is automatic', async () => {
    const { url, id } = await open({ payment_intent_data: {} })
    await visit(url, typedPayment())
    expect(await read(id)).toMatchObject({ payment_status: 'paid', payment_intent: { status: 'succeeded' } })
  })

  it('can be chosen instead of typed', async () => {
    const { url, success } = await open()
    const sent = await visit(url, { email: 'ada@example.com', card: '5555555555554444', number: '' })
    expect(sent.status).toBe(422)
    expect(await visit(url, { email: 'ada@example.com', card: '4242424242424242' })).toMatchObject({
      location: success,
    })
  })

  it('pays once, however often the button is pressed', async () => {
    const { url, success } = await open()
    const sent = await Promise.all(Array.from({ length: 20 }, () => visit(url, typedPayment())))
    for (const { status, location } of sent) expect({ status, location }).toEqual({ status: 303, location: success })
    const { intents, charges } = await state()
    expect(intents).toHaveLength(1)
    expect(charges).toHaveLength(1)
  })

  it('has paid for good: the session cannot be expired any more', async () => {
    const { url, id } = await open()
    await visit(url, typedPayment())
    const error = await refusalOf(stripe.checkout.sessions.expire(id))
    expect(error.statusCode).toBe(400)
    expect(error.message).toContain('This Checkout Session has a status of `complete`.')
    expect(await read(id)).toMatchObject({ status: 'complete', payment_intent: { status: 'requires_capture' } })
  })

  it('pays once in two tabs, and the second one says so', async () => {
    const { url } = await open()
    await visit(url, typedPayment())
    const second = await visit(url)
    expect(second.status).toBe(200)
    expect(second.html).toContain('You have already paid')
    expect(second.html).toContain('https://shop.example/return')
  })

  it('is voided afterwards by cancelling the intent', async () => {
    const { url, id } = await open()
    await visit(url, typedPayment())
    const intent = (await read(id)).payment_intent as Stripe.PaymentIntent
    expect((await stripe.paymentIntents.cancel(intent.id)).status).toBe('canceled')
    expect(await read(id)).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
  })
})

describe('a card that is declined', () => {
  it.each([
    ['4000000000000002', 'Your card was declined.'],
    ['4000000000009995', 'Your card has insufficient funds.'],
    ['4000000000000069', 'Your card has expired.'],
    ['4000000000000127', 'Your card&#39;s security code is incorrect.'],
  ])('%s: the page again with the reason, what was typed but the CVC, and the session open', async (number, reason) => {
    const { url, id } = await open()
    const page = await visit(url, typedPayment(number, { email: 'grace@example.com' }))
    expect(page.status).toBe(402)
    expect(page.html).toContain(reason)
    expect(page.html).toContain('You have not been charged.')
    expect(page.fields).toMatchObject({
      email: 'grace@example.com',
      number,
      expiry: '12 / 34',
      name: 'Ada Lovelace',
      cvc: '',
    })
    expect(await read(id)).toMatchObject({
      status: 'open',
      url,
      payment_intent: { status: 'requires_payment_method', last_payment_error: { code: expect.any(String) } },
    })
  })

  it('can be followed by one that pays, for the same intent', async () => {
    const { url, id, success } = await open()
    await visit(url, typedPayment('4000000000000002'))
    const declined = (await read(id)).payment_intent as Stripe.PaymentIntent
    expect((await visit(url)).html).toContain('Your card was declined.')
    expect(await visit(url, typedPayment())).toMatchObject({ status: 303, location: success })
    expect((await read(id)).payment_intent).toMatchObject({ id: declined.id, status: 'requires_capture' })
    expect(await eventTypes()).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'checkout.session.completed',
    ])
  })

  it('leaves an intent that only expiring the session can end', async () => {
    const { url, id } = await open()
    await visit(url, typedPayment('4000000000000002'))
    const { id: intentId } = (await read(id)).payment_intent as Stripe.PaymentIntent
    expect(await refusalOf(stripe.paymentIntents.cancel(intentId))).toMatchObject({ statusCode: 400 })
    const card = { payment_method: 'pm_card_visa' }
    expect(await refusalOf(stripe.paymentIntents.confirm(intentId, card))).toMatchObject({ statusCode: 400 })
    await stripe.checkout.sessions.expire(id)
    expect(await read(id)).toMatchObject({ status: 'expired', payment_intent: { status: 'canceled' } })
    expect((await eventTypes()).slice(-2)).toEqual(['payment_intent.canceled', 'checkout.session.expired'])
  })
})

describe('what is typed wrong', () => {
  it.each([
    ['email', { email: 'nobody' }],
    ['number', { number: '4242 4242 4242 4241' }],
    ['number', { number: '' }],
    ['expiry', { expiry: '13 / 34' }],
    ['expiry', { expiry: '01 / 20' }],
    ['expiry', { expiry: 'soon' }],
    ['cvc', { cvc: '12' }],
    ['cvc', { cvc: '' }],
    ['name', { name: ' ' }],
  ])('%s %o is said beside its field, and nothing is attempted', async (field, more) => {
    const { url, id } = await open()
    const page = await visit(url, typedPayment(undefined, more))
    expect(page.status).toBe(422)
    const input = new RegExp(`<input id="${field}"[^>]*aria-invalid="true" aria-describedby="${field}-error"`)
    expect(page.html).toMatch(input)
    expect(page.html.match(/aria-invalid="true"/g)).toHaveLength(1)
    expect((await read(id)).payment_intent).toBeNull()
  })

  it('is all said at once', async () => {
    const page = await visit((await open()).url, {})
    expect(page.status).toBe(422)
    expect(page.html.match(/aria-invalid="true"/g)).toHaveLength(5)
  })

  it.each([
    ['a[=1', 'application/x-www-form-urlencoded', 400],
    ['email[a]=1', 'application/x-www-form-urlencoded', 400],
    ['{}', 'application/json', 422],
    ['x', 'text/csv', 415],
  ])('%s as %s is answered with a page, never a stack', async (body, type, status) => {
    const answer = await fetch((await open()).url, { method: 'POST', body, headers: { 'content-type': type } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(await answer.text()).not.toMatch(/\.ts\b|node_modules/)
  })

  it.each(['/c/pay/cs_test_none', '/c/3ds/pi_none'])('%s is a page that says there is none', async (path) => {
    for (const form of [undefined, { result: 'complete' }]) {
      const page = await visit(sandbox.url + path, form)
      expect(page.status).toBe(404)
      expect(page.html).toContain('Page not found')
    }
  })
})

describe('an expired page', () => {
  it('says so, with the way back, and cannot be paid', async () => {
    const { url, id } = await open()
    await stripe.checkout.sessions.expire(id)
    for (const page of [await visit(url), await visit(url, typedPayment())]) {
      expect(page.status).toBe(410)
      expect(page.html).toContain('This page has expired')
      expect(page.html).toContain('href="https://shop.example/orders/1"')
    }
    expect((await state()).intents).toEqual([])
  })

  it('expires at its time, and not before', async () => {
    const { url, id } = await open({ expires_at: Math.floor(Date.now() / 1000) + 31 * 60 })
    await control('POST', '/clock', { advanceSeconds: 30 * 60 })
    expect((await visit(url)).status).toBe(200)
    await control('POST', '/clock', { advanceSeconds: 61 })
    expect((await visit(url, typedPayment())).status).toBe(410)
    expect((await read(id)).status).toBe('expired')
    expect(await eventTypes()).toEqual(['checkout.session.expired'])
  })

  it('was either paid or expired when both happen at once, never both', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { url, id } = await open()
      const [paid, expired] = await Promise.allSettled([
        visit(url, typedPayment()),
        stripe.checkout.sessions.expire(id),
      ])
      const session = await read(id)
      const won = paid.status === 'fulfilled' && paid.value.status === 303
      expect(expired.status).toBe(won ? 'rejected' : 'fulfilled')
      expect(session.status).toBe(won ? 'complete' : 'expired')
      expect(session.payment_intent === null).toBe(!won)
    }
  })
})

describe('a page under faults', () => {
  it('whose answer is lost has paid, and pressing the button again pays no more', async () => {
    const { url, success } = await open()
    await control('POST', '/faults', { route: 'page.pay', kind: 'drop-after-commit' })
    await expect(visit(url, typedPayment())).rejects.toThrow()
    expect(await visit(url, typedPayment())).toMatchObject({ status: 303, location: success })
    expect((await state()).charges).toHaveLength(1)
  })

  it('whose request is lost has not paid', async () => {
    const { url, id } = await open()
    await control('POST', '/faults', { route: 'page.pay', kind: 'drop-before' })
    await expect(visit(url, typedPayment())).rejects.toThrow()
    expect((await read(id)).status).toBe('open')
  })

  it('that is slow finds a session that was expired meanwhile', async () => {
    const { url, id } = await open()
    await control('POST', '/faults', { route: 'page.pay', kind: 'latency', ms: 60_000 })
    const slow = visit(url, typedPayment())
    while ((await control('GET', '/faults')).body.faults.length > 0);
    await stripe.checkout.sessions.expire(id)
    await control('DELETE', '/faults?route=page.pay')
    expect((await slow).status).toBe(410)
    expect((await state()).intents).toEqual([])
  })
})

describe('the address of pages', () => {
  it('is the one under which browsers reach the sandbox', async () => {
    const behind = await startSandbox({ port: 0, dataDir: ':memory:', publicUrl: 'https://pay.shop.example/sandbox/' })
    const session = await sandboxClient(behind.port).checkout.sessions.create(checkoutParams())
    expect(session.url).toBe(`https://pay.shop.example/sandbox/c/pay/${session.id}`)
    await behind.stop()
  })
})
