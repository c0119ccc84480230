// The mail of a notice, in the language of its reader.

import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Language } from '@aisle/contracts/messages/auth'
import { type Kind, rulesOf } from '../kinds.ts'
import type { Params } from '../rules.ts'
import { say, textsOf } from '../texts/say.ts'
import type { AboutOrder } from '../texts/texts.ts'
import { calendarOf } from './calendar.ts'
import { htmlOf, type Letter, textOf } from './letter.ts'
import { returnAddress } from './return-address.ts'
import type { Outgoing } from './transport.ts'

export type Mailed = AboutOrder & {
  readonly id: string
  readonly userId: string
  readonly kind: Kind
  readonly params: Params
  readonly madeAt: Date
}
type Reader = { address: string; name: string | null; language: Language; token: string | null }
type Site = { publicUrl: string; from: string; secret: string; returnTo: string | null }

/** Names are up to 80 characters today; a longer one, or one in several lines, is no name to greet with. */
const longestName = 80

export function compose(notice: Mailed, reader: Reader, site: Site): Outgoing {
  const { publicUrl, from, secret, returnTo } = site
  const { id, userId, kind, orderId, orderNumber, ticket, params, madeAt } = notice
  const { address, language, token } = reader
  const texts = textsOf(language)
  const said = say(kind, { ...params, token, orderId, orderNumber, ticket }, language)
  const urlOf = (path: string) => new URL(path, publicUrl).href
  const isChoice = rulesOf(kind).mail !== 'always'
  const stop = urlOf(`/unsubscribe/${unsubscribeToken(secret, { userId, kind })}`)
  const title = inOneLine(said.title)
  const letter: Letter = {
    language,
    title,
    greeting: texts.greeting(greetable(reader.name)),
    paragraphs: [said.text, ...(said.more ?? [])],
    facts: said.facts ?? [],
    action: said.action ? { text: said.action.text, url: urlOf(said.action.path) } : null,
    linkBelow: texts.linkBelow,
    small: [
      { text: texts.because },
      ...(isChoice ? [{ text: texts.unsubscribe, url: stop }] : []),
      ...(rulesOf(kind).isShown ? [{ text: texts.choose, url: urlOf('/notices#mail') }] : []),
    ],
  }
  const calendar =
    kind === 'bought' && ticket && orderId
      ? calendarOf({
          id: orderId,
          ticket,
          url: urlOf(`/orders/${orderId}`),
          host: hostOf(from),
          madeAt,
        })
      : null
  return {
    messageId: messageIdOf(id, from),
    returnTo: returnTo === null ? null : returnAddress(secret, returnTo, id),
    to: address,
    subject: title,
    html: htmlOf(letter),
    text: textOf(letter),
    headers: {
      'Auto-Submitted': 'auto-generated',
      // A relay that knows it sends a repeated mail once: https://resend.com/docs/dashboard/emails/idempotency-keys
      'Resend-Idempotency-Key': id,
      ...(isChoice
        ? {
            'List-Unsubscribe': `<${urlOf(`/api/notices/unsubscribe/${unsubscribeToken(secret, { userId, kind })}`)}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          }
        : {}),
    },
    attachments:
      calendar === null
        ? []
        : [{ filename: 'ticket.ics', contentType: 'text/calendar; charset=utf-8; method=PUBLISH', content: calendar }],
  }
}

/** The domain of the sender, which names our mails and calendar entries. */
const hostOf = (from: string) => /@([^\s>]+)>?$/.exec(from)?.[1] ?? 'localhost'

const messageIdOf = (noticeId: string, from: string) => `<${noticeId}@${hostOf(from)}>`

/** The notice whose mail has this Message-ID, with or without its brackets; null if it is none of ours. */
export function readMessageId(messageId: string, from: string): string | null {
  const [, noticeId = ''] = /^<?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/i.exec(messageId) ?? []
  const wanted = messageIdOf(noticeId, from)
  return wanted === messageId || wanted === `<${messageId}>` ? noticeId : null
}

/** A line break would begin another header of the mail. */
const inOneLine = (text: string) => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 200)

const greetable = (name: string | null) =>
  name === null || name.length > longestName || /[\p{Cc}\u2028\u2029]/u.test(name) ? null : name

type Stop = { userId: string; kind: string }

const macOf = (secret: string, { userId, kind }: Stop) =>
  createHmac('sha256', secret).update(`unsubscribe ${userId} ${kind}`).digest('base64url')

/** Ends mails of one kind to one person, without a session; it never expires. */
export const unsubscribeToken = (secret: string, stop: Stop): string =>
  `${stop.userId}.${stop.kind}.${macOf(secret, stop)}`

/** What a token stands for; null if it is not one of ours. */
export function readUnsubscribeToken(secret: string, token: string): Stop | null {
  const [userId = '', kind = '', mac = '', ...more] = token.split('.')
  const [given, wanted] = [Buffer.from(mac), Buffer.from(macOf(secret, { userId, kind }))]
  const isOurs = more.length === 0 && given.length === wanted.length && timingSafeEqual(given, wanted)
  return isOurs ? { userId, kind } : null
}
