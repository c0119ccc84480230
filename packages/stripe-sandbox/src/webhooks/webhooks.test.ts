// Webhooks as Stripe sends them, received by a real server that checks the signatures with the real SDK.

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { checkoutParams, eventually } from '../testing/testing.ts'
import { secret, webhookWorld } from '../testing/testing-webhooks.ts'

const { authorise, control, moveSeconds, now, page, receiver, sandbox, settle, stripe, verify, webhooks } =
  webhookWorld()

describe('every event', () => {
  it('comes signed, with the body that the API shows', async () => {
    await authorise()
    await settle()
    expect(receiver().received).toHaveLength(3)
    for (const { body, header } of receiver().received) {
      const event = verify(body, header)
      const shown = await stripe().events.retrieve(event.id)
      expect(shown.pending_webhooks).toBe(0)
      const { lastResponse: _answer, ...kept } = shown
      expect({ ...event, pending_webhooks: 0 }).toEqual(JSON.parse(JSON.stringify(kept)))
      expect(() => verify(`${body} `, header)).toThrow(/No signatures found/)
      expect(() => verify(body, header, 'whsec_other')).toThrow(/No signatures found/)
    }
  })

  it('is signed in sandbox time, so one that is delivered late is refused as too old only if it is', async () => {
    await control('POST', '/webhooks', { mode: 'hold' })
    await authorise()
    moveSeconds(3600)
    await control('POST', '/webhooks/deliver')
    const { body, header } = receiver().received[0]!
    expect(header).toMatch(new RegExp(`^t=${now().getTime() / 1000},v1=[0-9a-f]{64}$`))
    verify(body, header)
    moveSeconds(301)
    expect(() => verify(body, header)).toThrow(/tolerance/)
  })

  it('is signed with both secrets while one replaces the other', async () => {
    sandbox().deliverTo({ url: receiver().url, secrets: [secret, 'whsec_new'] })
    await authorise()
    await settle()
    const { body, header } = receiver().received[0]!
    verify(body, header)
    verify(body, header, 'whsec_new')
  })

  it('of a purchase comes, and is recorded in this order', async () => {
    const { id } = await page()
    await settle()
    const intent = (await stripe().checkout.sessions.retrieve(id)).payment_intent as string
    await stripe().paymentIntents.capture(intent)
    await stripe().refunds.create({ payment_intent: intent })
    await settle()
    const created = (await webhooks()).deliveries.map(({ type }) => type)
    expect(created).toEqual([
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'checkout.session.completed',
      'charge.captured',
      'payment_intent.succeeded',
      'refund.created',
      'charge.refunded',
    ])
    expect(receiver().types().sort()).toEqual([...created].sort())
  })

  it('of a decline, a void and an expiry comes too', async () => {
    const declined = await page('4000000000000002')
    await stripe().checkout.sessions.expire(declined.id)
    await stripe().paymentIntents.cancel((await authorise()).id)
    await settle()
    expect((await webhooks()).deliveries.map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'charge.failed',
      'payment_intent.payment_failed',
      'payment_intent.canceled',
      'checkout.session.expired',
      'payment_intent.created',
      'charge.succeeded',
      'payment_intent.amount_capturable_updated',
      'charge.refunded',
      'payment_intent.canceled',
    ])
  })

  it('that time brings comes without any request', async () => {
    const { id } = await stripe().checkout.sessions.create(
      checkoutParams({ expires_at: now().getTime() / 1000 + 31 * 60 }),
    )
    moveSeconds(31 * 60)
    await eventually(
      async () => receiver().received,
      ([first]) => first?.event.type === 'checkout.session.expired',
    )
    expect((await stripe().checkout.sessions.retrieve(id)).status).toBe('expired')
  })

  it('finds its payment by the metadata, before our own commit', async () => {
    await page()
    await settle()
    const { deliveries } = await webhooks()
    expect(deliveries).toHaveLength(4)
    for (const { metadata, status, attempts } of deliveries)
      expect({ metadata, status, attempts }).toEqual({
        metadata: { payment_id: 'p-1' },
        status: 'delivered',
        attempts: 1,
      })
  })

  it('comes, at most eight at a time', async () => {
    receiver().answerWith((response) => setTimeout(() => response.writeHead(200).end(), 20))
    await Promise.all(Array.from({ length: 20 }, () => authorise()))
    await settle()
    expect(receiver().received).toHaveLength(60)
    expect(new Set(receiver().ids()).size).toBe(60)
    expect(receiver().mostUnderWay()).toBe(8)
  })
})

describe('an event that is not answered with 2xx', () => {
  it('is sent again after a second, and then after ever longer, with the same body', async () => {
    receiver().answerWith(500)
    sandbox().deliverTo({ url: receiver().url, secrets: [secret], enabledEvents: ['charge.succeeded'] })
    await authorise()
    const attempts = async (wanted: number) =>
      eventually(
        async () => (await webhooks()).deliveries[0]!,
        (delivery) => delivery.attempts === wanted,
        5,
      )
    for (const [attempt, seconds] of [1, 5, 30, 120, 600, 3600].entries()) {
      const delivery = await attempts(attempt + 1)
      expect(delivery).toMatchObject({ status: 'pending', lastStatus: 500 })
      expect(Date.parse(delivery.nextTryAt!) - now().getTime()).toBe(seconds * 1000)
      moveSeconds(seconds - 1)
      await sleep(300)
      expect((await webhooks()).deliveries[0]!.attempts).toBe(attempt + 1)
      moveSeconds(1)
    }
    await attempts(7)
    expect((await stripe().events.retrieve(receiver().ids()[0]!)).pending_webhooks).toBe(1)
    receiver().answerWith(204)
    moveSeconds(3 * 3600)
    expect(await attempts(8)).toMatchObject({ status: 'delivered', lastStatus: 204, nextTryAt: null })
    expect((await stripe().events.retrieve(receiver().ids()[0]!)).pending_webhooks).toBe(0)
    expect(new Set(receiver().received.map(({ body }) => body)).size).toBe(1)
  })

  it.each([404, 302])('but with %i is sent again, and no redirect is followed', async (status) => {
    receiver().answerWith((response) => response.writeHead(status, { location: receiver().url }).end())
    await authorise()
    const attempted = async (attempts: number) =>
      eventually(
        () => webhooks(),
        ({ deliveries }) => deliveries.every((delivery) => delivery.attempts === attempts),
        5,
      )
    expect((await attempted(1)).deliveries).toMatchObject(Array(3).fill({ status: 'pending', lastStatus: status }))
    moveSeconds(1)
    await attempted(2)
    expect(receiver().received).toHaveLength(6)
  })

  it('is given up after three days', async () => {
    receiver().answerWith(500)
    await authorise()
    for (let day = 0; day < 12; day += 1) {
      const before = receiver().received.length
      moveSeconds(12 * 3600)
      await control('POST', '/clock', { advanceSeconds: 0 })
      await eventually(
        () => webhooks(),
        ({ deliveries, underWay }) =>
          underWay === 0 &&
          (receiver().received.length > before || deliveries.every(({ status }) => status === 'given-up')),
      )
    }
    expect((await webhooks('?status=given-up')).deliveries).toHaveLength(3)
  })

  it('for want of an endpoint that listens waits for one', async () => {
    const { url } = receiver()
    sandbox().deliverTo({ url: 'http://127.0.0.1:9/closed', secrets: [secret] })
    await authorise()
    const { deliveries } = await eventually(
      () => webhooks(),
      (answer) => answer.underWay === 0,
    )
    expect(deliveries[0]).toMatchObject({ status: 'pending', attempts: 1, lastStatus: null })
    sandbox().deliverTo({ url, secrets: [secret] })
    moveSeconds(1)
    await settle()
    expect(receiver().received).toHaveLength(3)
  })

  it('is sent again at once when the control plane moves the clock', async () => {
    receiver().answerWith(500)
    await authorise()
    await eventually(
      () => webhooks(),
      ({ underWay }) => underWay === 0,
    )
    receiver().answerWith(200)
    await control('POST', '/clock', { advanceSeconds: 2 })
    await settle()
    expect(receiver().received).toHaveLength(6)
  })
})

describe('an endpoint', () => {
  it('gets nothing of what happened while there was none', async () => {
    await control('DELETE', '/webhook-endpoint')
    const before = await authorise()
    expect((await control('GET', '/webhook-endpoint')).body.endpoint).toBeNull()
    await control('PUT', '/webhook-endpoint', { url: receiver().url, secrets: [secret] })
    await authorise()
    await settle()
    expect(receiver().received).toHaveLength(3)
    expect(
      receiver()
        .received.map(({ body }) => body)
        .join(),
    ).not.toContain(before.id)
    const [, , early] = (await stripe().events.list({ limit: 6 })).data.slice(3)
    expect((await control('POST', '/webhooks/deliver', { events: [early!.id] })).body.delivered).toEqual([
      { event: early!.id, status: 200 },
    ])
  })

  it('can ask for some types only', async () => {
    const enabledEvents = ['charge.succeeded']
    const body = { url: receiver().url, secrets: [secret], enabledEvents }
    expect((await control('PUT', '/webhook-endpoint', body)).body.endpoint).toEqual({
      url: receiver().url,
      enabledEvents,
    })
    await authorise()
    await settle()
    expect(receiver().types()).toEqual(['charge.succeeded'])
  })

  it.each([
    [{ url: 'nowhere', secrets: ['s'] }, /http or https/],
    [{ url: 'http://127.0.0.1/', secrets: [] }, /at least one secret/],
    [{ url: 'http://127.0.0.1/', secrets: 's' }, /list of strings/],
  ])('%j is refused with a sentence', async (body, sentence) => {
    const answer = await control('PUT', '/webhook-endpoint', body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toMatch(sentence)
  })
})

describe('a sandbox that stops', () => {
  it('while an endpoint keeps it waiting, stops at once', async () => {
    receiver().answerWith(() => undefined)
    await authorise()
    await eventually(
      async () => receiver().received.length,
      (count) => count === 3,
    )
    const begun = performance.now()
    await sandbox().stop()
    // Waiting for the response would take 10 s.
    expect(performance.now() - begun).toBeLessThan(9_000)
  })
})
