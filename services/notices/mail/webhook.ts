// The webhooks of a mail provider: their signature, and what they say. The signature is that of Standard Webhooks
// (https://www.standardwebhooks.com), which Resend sends under the names svix-…; the events are Resend's.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { checker } from '@aisle/kit/check'
import { Type } from 'typebox'

/** The maximum age of a signature: how long a captured request can be replayed. A clock may be as much ahead. */
const toleranceSeconds = 300

type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * The id of a webhook that one of `secrets` has signed (`whsec_` and base64, several separated by commas); null if none
 * has, or too long ago.
 */
export function verifyWebhook(headers: Headers, body: string, secrets: string, now: Date): string | null {
  const header = (name: string) => String(headers[`webhook-${name}`] ?? headers[`svix-${name}`] ?? '')
  const [id, timestamp, signatures] = [header('id'), header('timestamp'), header('signature')]
  if (id === '' || !/^\d{1,12}$/.test(timestamp)) return null
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > toleranceSeconds) return null
  const given = signatures.split(' ').flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3))] : []))
  const isSigned = secrets.split(',').some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    const wanted = Buffer.from(createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64'))
    return given.some((one) => one.length === wanted.length && timingSafeEqual(one, wanted))
  })
  return isSigned ? id : null
}

const text = Type.String({ maxLength: 10_000 })
const Event = Type.Object({
  type: text,
  data: Type.Object({
    to: Type.Optional(Type.Union([text, Type.Array(text, { maxItems: 100 })])),
    message_id: Type.Optional(text),
    headers: Type.Optional(Type.Array(Type.Object({ name: text, value: text }), { maxItems: 200 })),
    bounce: Type.Optional(Type.Object({ type: Type.Optional(text), message: Type.Optional(text) })),
  }),
})
type MailEvent = Type.Static<typeof Event>
const check = checker(Event)

export type Heard = {
  readonly outcome: 'hard' | 'soft' | 'complaint'
  readonly why: string
  readonly messageIds: readonly string[]
  readonly to: readonly string[]
}

/** What an event says about a mail; null if it is of a type without an effect; undefined if it is no event. */
export function readEvent(body: string): Heard | null | undefined {
  const event = parse(body)
  if (!event) return undefined
  const { type, data } = event
  if (type !== 'email.bounced' && type !== 'email.complained') return null
  const { to = [], message_id, headers = [], bounce } = data
  const named = headers.filter(({ name }) => name.toLowerCase() === 'message-id').map(({ value }) => value)
  return {
    outcome: type === 'email.complained' ? 'complaint' : bounce?.type === 'Permanent' ? 'hard' : 'soft',
    why: bounce?.message ?? '',
    messageIds: [...named, ...(message_id === undefined ? [] : [message_id])],
    to: [to].flat(),
  }
}

function parse(body: string): MailEvent | null {
  try {
    const checked = check(JSON.parse(body))
    return checked.ok ? (checked.value as MailEvent) : null
  } catch {
    return null
  }
}
