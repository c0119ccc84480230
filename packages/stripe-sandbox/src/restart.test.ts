// Everything that was answered survives a stop, and a kill -9 in the middle of the work.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSandbox } from './sandbox.ts'
import {
  checkoutParams,
  control,
  eventually,
  refusalOf,
  sandboxClient,
  typedPayment,
  visit,
} from './testing/testing.ts'
import { startReceiver } from './testing/testing-webhooks.ts'

let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stripe-sandbox-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const params = {
  amount: 1200,
  currency: 'usd',
  confirm: true,
  capture_method: 'manual',
  payment_method: 'pm_card_visa',
  allowed_payment_method_types: ['card'],
} satisfies Stripe.PaymentIntentCreateParams
const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
const readState = async (url: string) => {
  const { intents, charges, refunds, totals } = (await control(url, 'GET', '/state')).body
  return { intents, charges, refunds, totals }
}

describe('a sandbox that was stopped', () => {
  it('starts again with the same books, keys, events and clock', async () => {
    const first = await startSandbox({ port: 0, dataDir })
    let stripe = sandboxClient(first.port)
    await control(first.url, 'POST', '/clock', { advanceSeconds: 3600 })
    const sold = await stripe.paymentIntents.create(params, { idempotencyKey: 'sold' })
    await stripe.paymentIntents.capture(sold.id)
    await stripe.refunds.create({ payment_intent: sold.id, amount: 300 })
    const voided = await stripe.paymentIntents.create(params)
    await stripe.paymentIntents.cancel(voided.id)
    const declined = { ...params, payment_method: 'pm_card_visa_chargeDeclined' }
    await refusalOf(stripe.paymentIntents.create(declined, { idempotencyKey: 'declined' }))
    const before = { state: await readState(first.url), events: (await stripe.events.list({ limit: 100 })).data }
    await Promise.all([first.stop(), first.stop()])

    const second = await startSandbox({ port: 0, dataDir })
    stripe = sandboxClient(second.port)
    expect(await readState(second.url)).toEqual(before.state)
    expect((await stripe.events.list({ limit: 100 })).data).toEqual(before.events)
    expect((await stripe.paymentIntents.create(params, { idempotencyKey: 'sold' })).id).toBe(sold.id)
    expect(await refusalOf(stripe.paymentIntents.create(declined, { idempotencyKey: 'declined' }))).toMatchObject({
      statusCode: 402,
    })
    expect((await control(second.url, 'GET', '/clock')).body.offsetSeconds).toBe(3600)
    await second.stop()
  })

  it('keeps its pages: the same address can be paid, and one that ran out meanwhile has expired', async () => {
    const first = await startSandbox({ port: 0, dataDir })
    const make = () => sandboxClient(first.port).checkout.sessions.create(checkoutParams())
    const [paid, declined, late] = await Promise.all([make(), make(), make()])
    await visit(paid.url!, typedPayment())
    await visit(declined.url!, typedPayment('4000000000000002'))
    await first.stop()

    const second = await startSandbox({ port: 0, dataDir })
    const stripe = sandboxClient(second.port)
    expect((await stripe.checkout.sessions.retrieve(paid.id)).status).toBe('complete')
    const again = await visit(`${second.url}/c/pay/${declined.id}`, typedPayment())
    expect(again.location).toContain(declined.id)
    await second.stop()

    const tomorrow = () => new Date(Date.now() + 86_400_000)
    const third = await startSandbox({ port: 0, dataDir, now: tomorrow })
    expect((await visit(`${third.url}/c/pay/${late.id}`)).status).toBe(410)
    await third.stop()
  })

  it('sends the events that had not reached the endpoint, and keeps those that are held', async () => {
    const receiver = await startReceiver()
    const webhook = { url: receiver.url, secrets: ['whsec_test'] }
    const first = await startSandbox({ port: 0, dataDir, webhook })
    receiver.answerWith(500)
    await sandboxClient(first.port).paymentIntents.create(params)
    await control(first.url, 'POST', '/webhooks', { mode: 'hold' })
    await sandboxClient(first.port).paymentIntents.create(params)
    await first.stop()
    receiver.answerWith(200)
    receiver.received.length = 0

    const second = await startSandbox({ port: 0, dataDir, webhook })
    expect((await control(second.url, 'POST', '/webhooks/settle')).body.settled).toBe(true)
    expect(receiver.received).toHaveLength(3)
    expect((await control(second.url, 'GET', '/webhooks?status=held')).body.deliveries).toHaveLength(3)
    await second.stop()
    await receiver.stop()
  })

  it('counts no attempt that the stop broke off, and sends those events again at once', async () => {
    const receiver = await startReceiver()
    const standsStill = new Date()
    const options = {
      port: 0,
      dataDir,
      now: () => standsStill,
      webhook: { url: receiver.url, secrets: ['whsec_test'] },
    }
    const first = await startSandbox(options)
    receiver.answerWith(() => undefined)
    await sandboxClient(first.port).paymentIntents.create(params)
    await eventually(
      async () => receiver.received.length,
      (count) => count === 3,
    )
    await first.stop()
    receiver.answerWith(200)

    const second = await startSandbox(options)
    expect((await control(second.url, 'POST', '/webhooks/settle')).body.settled).toBe(true)
    expect((await control(second.url, 'GET', '/webhooks')).body.deliveries.map(({ attempts }) => attempts)).toEqual([
      1, 1, 1,
    ])
    await second.stop()
    await receiver.stop()
  })

  it('answers what had come in, delayed requests too', async () => {
    const sandbox = await startSandbox({ port: 0, dataDir })
    await control(sandbox.url, 'POST', '/faults', { kind: 'latency', ms: 60_000 })
    const delayed = sandboxClient(sandbox.port).paymentIntents.create(params)
    while ((await control(sandbox.url, 'GET', '/faults')).body.faults.length > 0);
    await sandbox.stop()
    expect((await delayed).status).toBe('requires_capture')
  })

  it('does not start on a port or a directory that is in use', async () => {
    const sandbox = await startSandbox({ port: 0, dataDir })
    await expect(startSandbox({ port: sandbox.port, dataDir: ':memory:' })).rejects.toThrow(/EADDRINUSE/)
    await expect(startSandbox({ port: 0, dataDir })).rejects.toThrow(/another sandbox/)
    await sandbox.stop()
  })
})

describe('a sandbox that was killed', () => {
  let child: ChildProcess
  afterEach(() => {
    child.kill('SIGKILL')
  })

  async function spawnSandbox(...more: string[]): Promise<string> {
    const entry = join(import.meta.dirname, 'start.ts')
    const options = ['--port', '0', '--data', dataDir, ...more]
    child = spawn(process.execPath, [entry, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(child.stdout!, 'data')
    return /http:\/\/[\d.:]+/.exec(String(line))![0]
  }

  it('has lost nothing that it had answered, has half of nothing, and the same keys pay once', {
    timeout: 30_000,
  }, async () => {
    const url = await spawnSandbox()
    const answered = new Map<string, string>()
    let number = 0
    const buyer = async () => {
      const stripe = sandboxClient(Number(new URL(url).port))
      for (;;) {
        number += 1
        const key = `sale:${number}`
        try {
          const intent = await stripe.paymentIntents.create(
            { ...params, metadata: { payment_id: key } },
            { idempotencyKey: key },
          )
          answered.set(key, intent.id)
          await stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `capture:${key}` })
          answered.set(`capture:${key}`, intent.id)
        } catch {
          return
        }
        if (answered.size >= 200) child.kill('SIGKILL')
      }
    }
    const dead = once(child, 'exit')
    await Promise.all(Array.from({ length: 8 }, buyer))
    expect((await dead)[1]).toBe('SIGKILL')
    expect(answered.size).toBeGreaterThanOrEqual(200)

    const again = await spawnSandbox()
    const stripe = sandboxClient(Number(new URL(again).port))
    const state = await readState(again)
    const intents = new Map(state.intents.map((intent) => [intent.id, intent]))
    const charges = new Map(state.charges.map((charge) => [charge.id, charge]))
    for (const [key, id] of answered) {
      expect(intents.has(id)).toBe(true)
      if (key.startsWith('capture:')) expect(intents.get(id)!.status).toBe('succeeded')
    }
    expect(charges.size).toBe(intents.size)
    for (const { latestCharge, status } of intents.values()) {
      expect(charges.get(latestCharge!)!.captured).toBe(status === 'succeeded')
    }
    // What the sweeper does: the same key and parameters for every sale that was started.
    for (let sale = 1; sale <= number; sale += 1) {
      const key = `sale:${sale}`
      const intent = await stripe.paymentIntents.create(
        { ...params, metadata: { payment_id: key } },
        { idempotencyKey: key },
      )
      if (answered.has(key)) expect(intent.id).toBe(answered.get(key))
      await stripe.paymentIntents.capture(intent.id, {}, { idempotencyKey: `capture:${key}` })
    }
    const { totals, intents: all } = await readState(again)
    expect(all).toHaveLength(number)
    expect(totals).toEqual([{ currency: 'usd', captured: number * 1200, released: 0, refunded: 0 }])
  })

  it('has completed a page wholly or not at all, and lost none that it had answered', { timeout: 30_000 }, async () => {
    const url = await spawnSandbox()
    const stripe = sandboxClient(Number(new URL(url).port))
    const paid: string[] = []
    const buyer = async () => {
      for (;;) {
        try {
          const session = await stripe.checkout.sessions.create(checkoutParams())
          const { status } = await visit(session.url!, typedPayment())
          if (status === 303) paid.push(session.id)
        } catch {
          return
        }
        if (paid.length >= 100) child.kill('SIGKILL')
      }
    }
    const dead = once(child, 'exit')
    await Promise.all(Array.from({ length: 8 }, buyer))
    await dead

    const { sessions, intents, charges } = (await control(await spawnSandbox(), 'GET', '/state')).body
    const complete = sessions.filter(({ status }) => status === 'complete')
    expect(complete.map(({ id }) => id)).toEqual(expect.arrayContaining(paid))
    expect(intents.map(({ id, status }) => ({ id, status })).sort(byId)).toEqual(
      complete.map(({ paymentIntent }) => ({ id: paymentIntent!, status: 'requires_capture' })).sort(byId),
    )
    expect(charges).toHaveLength(complete.length)
  })

  it('tells the endpoint of every event that it had recorded, those under way again', { timeout: 30_000 }, async () => {
    const receiver = await startReceiver()
    receiver.answerWith(() => undefined)
    const webhook = ['--webhook', receiver.url, '--webhook-secret', 'whsec_test']
    const url = await spawnSandbox(...webhook)
    const stripe = sandboxClient(Number(new URL(url).port))
    for (let sale = 0; sale < 10; sale += 1) await stripe.paymentIntents.create(params)
    await eventually(
      async () => receiver.received.length,
      (count) => count === 8,
    )
    const events = (await stripe.events.list({ limit: 100 })).data.map(({ id }) => id)
    const dead = once(child, 'exit')
    child.kill('SIGKILL')
    await dead
    receiver.received.length = 0
    receiver.answerWith(200)

    const again = await spawnSandbox(...webhook)
    expect((await control(again, 'POST', '/webhooks/settle')).body.settled).toBe(true)
    expect(new Set(receiver.ids())).toEqual(new Set(events))
    expect(events).toHaveLength(30)
    await receiver.stop()
  })
})
