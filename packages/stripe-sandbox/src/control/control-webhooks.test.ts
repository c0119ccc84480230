// What a test can do with webhooks: hold them, release them in any order and number, drop them, make them up,
// and see the result.

import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { eventually, refusalOf, visit } from '../testing/testing.ts'
import { secret, webhookWorld } from '../testing/testing-webhooks.ts'

const { authorise, control, moveSeconds, page, receiver, sandbox, settle, stripe, verify, webhooks } = webhookWorld()

describe('held events', () => {
  const hold = () => control('POST', '/webhooks', { mode: 'hold' })
  const deliver = async (body: object = {}) => (await control('POST', '/webhooks/deliver', body)).body.delivered

  it('stay until they are released, also when new ones are delivered again', async () => {
    await hold()
    await authorise()
    await control('POST', '/webhooks', { mode: 'deliver' })
    const fresh = await authorise()
    await settle()
    expect(receiver().received).toHaveLength(3)
    expect(
      (await stripe().events.retrieve((await webhooks('?status=held')).deliveries[0]!.event)).pending_webhooks,
    ).toBe(1)
    const delivered = await deliver()
    expect(delivered).toHaveLength(3)
    expect(delivered.every(({ status }) => status === 200)).toBe(true)
    expect(receiver().received).toHaveLength(6)
    expect(receiver().received[0]!.body).toContain(fresh.id)
    expect((await webhooks('?status=held')).deliveries).toEqual([])
    expect(await deliver()).toEqual([])
  })

  it('come in the order that is asked for, the same for the same seed', async () => {
    await hold()
    await page()
    await Promise.all([authorise(), authorise(), authorise()])
    const created = (await webhooks('?status=held')).deliveries.map(({ event }) => event)
    const order = async (body: object) => {
      const delivered = await deliver({ events: created, ...body })
      expect(receiver().ids().slice(-delivered.length)).toEqual(delivered.map(({ event }) => event))
      return delivered.map(({ event }) => event)
    }
    expect(await order({})).toEqual(created)
    expect(await order({ order: 'reversed' })).toEqual([...created].reverse())
    const shuffled = await order({ order: 'shuffled', seed: 7 })
    expect(shuffled).not.toEqual(created)
    expect([...shuffled].sort()).toEqual([...created].sort())
    expect(await order({ order: 'shuffled', seed: 7 })).toEqual(shuffled)
  })

  it('come as often as is asked for, one after the other or at once', async () => {
    await hold()
    await authorise()
    expect(await deliver({ times: 3 })).toHaveLength(9)
    expect(receiver().mostUnderWay()).toBe(1)
    // Answers only once all have arrived.
    const open: ServerResponse[] = []
    receiver().answerWith((response) => {
      open.push(response)
      if (open.length === 12) for (const one of open) one.writeHead(200).end()
    })
    expect(await deliver({ status: 'delivered', times: 4, concurrent: true })).toHaveLength(12)
    expect(receiver().mostUnderWay()).toBe(12)
  })

  it('that are refused when released are tried again like any other', async () => {
    await hold()
    await authorise()
    receiver().answerWith(500)
    expect((await deliver()).map(({ status }) => status)).toEqual([500, 500, 500])
    receiver().answerWith(200)
    moveSeconds(1)
    await settle()
    expect((await webhooks('?status=delivered')).deliveries).toHaveLength(3)
  })

  it.each([
    [{ order: 'random' }, /order must be one of/],
    [{ times: 0 }, /times must be a whole number/],
    [{ events: ['evt_none'] }, /no event 'evt_none'/],
    [{ events: [], status: 'held' }, /either events or status/],
    [{ colour: 'red' }, /no field 'colour'/],
  ])('asked for with %j: refused with a sentence', async (body, sentence) => {
    const answer = await control('POST', '/webhooks/deliver', body)
    expect(answer.status).toBe(400)
    expect(answer.body.error).toMatch(sentence)
  })
})

describe('dropped events', () => {
  it('never come, unless they are asked for by their id', async () => {
    await control('POST', '/webhooks', { mode: 'drop' })
    const { id } = await page()
    await control('POST', '/webhooks', { mode: 'deliver' })
    moveSeconds(24 * 3600)
    await settle()
    expect(receiver().received).toEqual([])
    const { deliveries } = await webhooks('?status=dropped')
    const completed = deliveries.find(({ type, object }) => type === 'checkout.session.completed' && object === id)!
    await control('POST', '/webhooks/deliver', { events: [completed.event] })
    expect(receiver().ids()).toEqual([completed.event])
  })

  it('can be chosen among the held ones', async () => {
    await control('POST', '/webhooks', { mode: 'hold' })
    await authorise()
    const [first] = (await webhooks()).deliveries
    expect((await control('POST', '/webhooks/drop', { events: [first!.event] })).body.dropped).toEqual([first!.event])
    expect((await webhooks('?status=held')).deliveries).toHaveLength(2)
    expect((await control('POST', '/webhooks/drop')).body.dropped).toHaveLength(2)
    expect((await webhooks('?status=held')).deliveries).toEqual([])
  })
})

describe('a made-up event', () => {
  it('comes signed, once, and is not kept', async () => {
    receiver().answerWith(503)
    const event = { type: 'gift.sent', data: { object: { id: 'gift_1', metadata: { payment_id: 'unknown' } } } }
    expect((await control('POST', '/webhooks/send', { event })).body).toMatchObject({ status: 503 })
    const { body, header } = receiver().received[0]!
    expect(verify(body, header)).toMatchObject({ ...event, object: 'event', id: expect.stringMatching(/^evt_/) })
    moveSeconds(10)
    await settle()
    expect(receiver().received).toHaveLength(1)
    expect((await webhooks()).deliveries).toEqual([])
  })
})

describe('settling', () => {
  it('is not reached while an event is pending, and says so', async () => {
    receiver().answerWith(500)
    await authorise()
    const { settled, pending } = (await control('POST', '/webhooks/settle', { withinMs: 100 })).body
    expect({ settled, pending }).toEqual({ settled: false, pending: 3 })
  })
})

describe('the status page', () => {
  it('shows which events went out and which did not', async () => {
    await page()
    await settle()
    receiver().answerWith(500)
    await refusalOf(authorise({ payment_method: 'pm_card_chargeDeclined' }))
    await eventually(
      () => webhooks(),
      ({ underWay }) => underWay === 0,
    )
    const { html } = await visit(sandbox().url)
    expect(html).toContain('checkout.session.completed')
    expect(html).toContain('delivered (200)')
    expect(html).toContain('pending (500)')
    expect(html).not.toContain(secret)
  })
})
