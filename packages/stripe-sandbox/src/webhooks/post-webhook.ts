// One attempt to tell the endpoint of an event: signed as Stripe signs, and answered in time or not at all.

import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** How long the endpoint may take, in real time. */
const answerWithinMs = 10_000

/** Stripe-Signature: HMAC-SHA256 of `t.body`, once for each secret while one is being replaced by another. */
export function signatureOf(body: string, secrets: readonly string[], unixSeconds: number): string {
  const signatures = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex'),
  )
  return [`t=${unixSeconds}`, ...signatures.map((signature) => `v1=${signature}`)].join(',')
}

/** Posts an event; resolves with the status of the answer, or null when there was none. Redirects are not followed. */
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
        // A connection of its own: one that is kept alive can break just as it is used again, and cost a retry.
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
