// The fixture of the webhook tests: a shop's endpoint, and a sandbox whose clock only the test moves.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type Stripe from 'stripe'
import { afterEach, beforeEach, expect } from 'vitest'
import { type Sandbox, startSandbox } from '../sandbox.ts'
import { cardsOnly, checkoutParams, control as controlOf, sandboxClient, typedPayment, visit } from './testing.ts'

/** The secret that signs what the sandbox sends in these tests. */
export const secret = 'whsec_sandbox_test'

/** A shop's endpoint: what it received, in order of arrival. */
export async function startReceiver() {
  const received: { event: Stripe.Event; header: string; body: string }[] = []
  let answer: (response: ServerResponse) => void = (response) => response.writeHead(200).end()
  let underWay = 0
  let mostUnderWay = 0
  const server = createServer(async (request: IncomingMessage, response) => {
    underWay += 1
    mostUnderWay = Math.max(mostUnderWay, underWay)
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    received.push({ event: JSON.parse(body), header: String(request.headers['stripe-signature']), body })
    response.once('close', () => {
      underWay -= 1
    })
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks`,
    received,
    types: () => received.map(({ event }) => event.type),
    ids: () => received.map(({ event }) => event.id),
    mostUnderWay: () => mostUnderWay,
    answerWith(next: number | ((response: ServerResponse) => void)) {
      answer = typeof next === 'number' ? (response) => response.writeHead(next).end('{}') : next
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** For each test, a receiver and a sandbox that sends it every event. */
export function webhookWorld() {
  let now: Date
  let sandbox: Sandbox
  let stripe: Stripe
  let receiver: Awaited<ReturnType<typeof startReceiver>>
  beforeEach(async () => {
    now = new Date('2030-01-01T00:00:00Z')
    receiver = await startReceiver()
    const webhook = { url: receiver.url, secrets: [secret] }
    sandbox = await startSandbox({ port: 0, dataDir: ':memory:', now: () => now, webhook })
    stripe = sandboxClient(sandbox.port)
  })
  afterEach(async () => {
    await sandbox.stop()
    await receiver.stop()
  })

  const control = (method: string, path: string, body?: object) => controlOf(sandbox.url, method, path, body)
  return {
    control,
    sandbox: () => sandbox,
    stripe: () => stripe,
    receiver: () => receiver,
    now: () => now,
    webhooks: async (query = '') => (await control('GET', `/webhooks${query}`)).body,
    settle: async () => expect((await control('POST', '/webhooks/settle')).body.settled).toBe(true),
    moveSeconds(seconds: number) {
      now = new Date(now.getTime() + seconds * 1000)
    },
    authorise: (more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
      stripe.paymentIntents.create({
        amount: 1200,
        currency: 'usd',
        confirm: true,
        capture_method: 'manual',
        payment_method: 'pm_card_visa',
        metadata: { payment_id: 'p-1' },
        ...cardsOnly,
        ...more,
      }),
    /** Creates a session and submits its page's form. */
    async page(number?: string) {
      const session = await stripe.checkout.sessions.create(checkoutParams())
      return { id: session.id, sent: await visit(session.url!, typedPayment(number)) }
    },
    /** The event, if the signature is valid at the sandbox's time; throws otherwise. */
    verify: (body: string, header: string, key = secret) =>
      stripe.webhooks.constructEvent(body, header, key, 300, undefined, now.getTime()),
  }
}
