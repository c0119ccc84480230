// One delivery attempt to the endpoint: signed as Stripe signs, and given up after a time-out.

import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** How long the endpoint may take, in real time. */
const answerWithinMs = 10_000

/** Stripe-Signature: HMAC-SHA256 of `t.body`, once per secret during a rotation. */
export function signatureOf(body: string, secrets: readonly string[], unixSeconds: number): string {
  const signatures = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex'),
  )
  return [`t=${unixSeconds}`, ...signatures.map((signature) => `v1=${signature}`)].join(',')
}

/** Posts an event. Resolves to the status of the response, or null if there was none. Redirects are not followed. */
export function postWebhook(
  url: string,
  body: string,
  signature: string,
  stopping: AbortSignal,
): Promise<number | null> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest
  return new Promise((resolve) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'stripe-signature': signature,
          'user-agent': 'Stripe/1.0 (offline sandbox)',
        },
        // A connection of its own: a keep-alive connection can break just as it is reused, which would cost a
        // retry.
        agent: false,
        signal: AbortSignal.any([stopping, AbortSignal.timeout(answerWithinMs)]),
      },
      (answer) => {
        answer.on('error', () => undefined)
        answer.resume()
        resolve(answer.statusCode ?? null)
      },
    )
    outgoing.on('error', () => resolve(null))
    outgoing.end(body)
  })
}
