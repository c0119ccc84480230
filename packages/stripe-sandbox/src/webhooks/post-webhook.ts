// One delivery attempt to the endpoint: signed as Stripe signs, and given up after a time-out.

import { createHmac } from 'node:crypto'
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'

/** How long the endpoint may take, in real time. */
const answerWithinMs = 10_000
/** Connections stay open for the next event. */
const agents = { 'http:': new HttpAgent({ keepAlive: true }), 'https:': new HttpsAgent({ keepAlive: true }) }

/** Stripe-Signature: HMAC-SHA256 of `t.body`, once per secret during a rotation. */
export function signatureOf(body: string, secrets: readonly string[], unixSeconds: number): string {
  const signatures = secrets.map((secret) =>
    createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex'),
  )
  return [`t=${unixSeconds}`, ...signatures.map((signature) => `v1=${signature}`)].join(',')
}

/** Posts an event. Resolves to the status of the response, or null if there was none. Redirects are not followed. */
export const postWebhook = (
  url: string,
  body: string,
  signature: string,
  stopping: AbortSignal,
): Promise<number | null> =>
  post(url, body, signature, AbortSignal.any([stopping, AbortSignal.timeout(answerWithinMs)]))

function post(url: string, body: string, signature: string, within: AbortSignal): Promise<number | null> {
  const protocol = url.startsWith('https:') ? 'https:' : 'http:'
  const request = protocol === 'https:' ? httpsRequest : httpRequest
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
        agent: agents[protocol],
        signal: within,
      },
      (answer) => {
        answer.on('error', () => undefined)
        answer.resume()
        resolve(answer.statusCode ?? null)
      },
    )
    outgoing.on('error', ({ code }: NodeJS.ErrnoException) => {
      // The endpoint may close a connection just as it is used again: the event goes out on another one.
      if (outgoing.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE'))
        resolve(post(url, body, signature, within))
      else resolve(null)
    })
    outgoing.end(body)
  })
}
