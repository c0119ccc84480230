// 3-D Secure, passed and failed, on the hosted page and for intents of the API.

import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { cardsOnly, checkoutParams, control, sandboxClient, typedPayment, visit } from '../testing/testing.ts'

let sandbox: Sandbox
let stripe: Stripe
beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, dataDir: ':memory:' })
  stripe = sandboxClient(sandbox.port)
})
afterEach(() => sandbox.stop())

const state = async () => (await control(sandbox.url, 'GET', '/state')).body
const read = (id: string) =>
  stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent', 'payment_intent.latest_charge'] })
const open = async (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) => {
  const session = await stripe.checkout.sessions.create(checkoutParams(more))
  return { id: session.id, url: session.url!, success: `https://shop.example/return?session=${session.id}` }
}
const eventTypes = async () => (await stripe.events.list({ limit: 100 })).data.map(({ type }) => type).reverse()

/** Pays with a card that requires 3-D Secure; returns the URL of the challenge. */
async function beginChallenge(url: string, number = '4000 0025 0000 3155'): Promise<string> {
  const sent = await visit(url, typedPayment(number))
  expect(sent.status).toBe(303)
  return sent.location!
}
async function answerChallenge(url: string, result: 'complete' | 'fail') {
  const { fields } = await visit(url)
  return visit(url, { ...fields, result } as Record<string, string>)
}

describe('3-D Secure', () => {
  it('completed, authorises and goes back to the shop', async () => {
    const { url, id, success } = await open()
    const challenge = await beginChallenge(url)
    expect(await read(id)).toMatchObject({ status: 'open', payment_intent: { status: 'requires_action' } })
    expect((await visit(challenge)).html).toContain('ends in 3155')
    expect(await answerChallenge(challenge, 'complete')).toMatchObject({ status: 303, location: success })
    expect(await read(id)).toMatchObject({
      status: 'complete',
      payment_intent: {
        status: 'requires_capture',
        latest_charge: { payment_method_details: { card: { three_d_secure: { result: 'authenticated' } } } },
      },
    })
    expect(await eventTypes()).toEqual([
      'payment_intent.created',
      'payment_intent.requires_action',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'checkout.session.completed',
    ])
  })

  it('failed, goes back to the page with the reason, and another card can pay', async () => {
    const { url, id, success } = await open()
    const back = await answerChallenge(await beginChallenge(url), 'fail')
    expect(back).toMatchObject({ status: 303, location: url })
    expect((await visit(url)).html).toContain('Your bank could not confirm that it is you')
    expect(await read(id)).toMatchObject({
      status: 'open',
      payment_intent: {
        status: 'requires_payment_method',
        latest_charge: null,
        last_payment_error: { code: 'payment_intent_authentication_failure', type: 'invalid_request_error' },
      },
    })
    expect(await visit(url, typedPayment())).toMatchObject({ location: success })
  })

  it('completed with a card that is then declined, goes back to the page', async () => {
    const { url, id } = await open()
    const back = await answerChallenge(await beginChallenge(url, '4000008400001629'), 'complete')
    expect(back.location).toBe(url)
    expect((await visit(url)).html).toContain('Your card was declined.')
    expect(await read(id)).toMatchObject({ status: 'open', payment_intent: { latest_charge: { status: 'failed' } } })
  })

  it('completed twenty times at once, authorises once', async () => {
    const { url, success } = await open()
    const challenge = await beginChallenge(url)
    const { fields } = await visit(challenge)
    const form = { ...fields, result: 'complete' }
    const sent = await Promise.all(Array.from({ length: 20 }, () => visit(challenge, form)))
    for (const { location } of sent) expect(location).toBe(success)
    expect((await state()).charges).toHaveLength(1)
  })

  it('begun by a double click, is begun once', async () => {
    const { url } = await open()
    const [first, second] = await Promise.all([beginChallenge(url), beginChallenge(url)])
    expect(first).toBe(second)
    expect((await eventTypes()).filter((type) => type === 'payment_intent.requires_action')).toHaveLength(1)
  })

  it('of an old tab does not answer for the card of a new one', async () => {
    const { url, id } = await open()
    const challenge = await beginChallenge(url)
    const { fields } = await visit(challenge)
    await beginChallenge(url, '4000000000003220')
    const stale = await visit(challenge, { ...fields, result: 'complete' } as Record<string, string>)
    expect(stale).toMatchObject({ status: 303, location: challenge })
    expect((await read(id)).payment_intent).toMatchObject({ status: 'requires_action' })
    expect((await visit(challenge)).html).toContain('ends in 3220')
  })

  it('waiting, ends with the session', async () => {
    const { url, id } = await open()
    const challenge = await beginChallenge(url)
    const { fields } = await visit(challenge)
    await stripe.checkout.sessions.expire(id)
    const page = await visit(challenge, { ...fields, result: 'complete' } as Record<string, string>)
    expect(page.status).toBe(410)
    expect(page.html).toContain('You have not been charged')
    expect(await read(id)).toMatchObject({ status: 'expired', payment_intent: { status: 'canceled' } })
    expect((await state()).charges).toEqual([])
  })

  it.each([
    ['complete', 'succeeded', 'requires_capture'],
    ['fail', 'failed', 'requires_payment_method'],
  ] as const)(
    'of an intent of the API, ended with %s, goes to its return_url: %s',
    async (result, redirect, status) => {
      const intent = await stripe.paymentIntents.create({
        amount: 900,
        currency: 'usd',
        confirm: true,
        capture_method: 'manual',
        payment_method: 'pm_card_threeDSecure2Required',
        return_url: 'https://shop.example/back?order=1',
        ...cardsOnly,
      })
      const back = await answerChallenge(intent.next_action!.redirect_to_url!.url!, result)
      const address = new URL(back.location!)
      expect(address.origin + address.pathname).toBe('https://shop.example/back')
      expect(Object.fromEntries(address.searchParams)).toEqual({
        order: '1',
        payment_intent: intent.id,
        payment_intent_client_secret: intent.client_secret,
        redirect_status: redirect,
      })
      expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status)
    },
  )
})
