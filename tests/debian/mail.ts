// npm run mail:debian: mails of several kinds through Debian's Exim, read back from the mailbox as a mail program reads
// them; and one to a user that Exim does not know, which comes back as Exim reports it. Needs root and the package
// exim4-daemon-light.

import { UserSecured } from '@aisle/contracts/messages/auth'
import { OrderCancelled, OrderCompleted } from '@aisle/contracts/messages/orders'
import { PaymentFailed } from '@aisle/contracts/messages/payments'
import { freePort } from '@aisle/dev/free-port'
import { newId } from '@aisle/kit/time/ids'
import PostalMime, { type Email } from 'postal-mime'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { type MailHouse, openMailHouse, type Person } from '../mail-house.ts'
import { envelope, orderState, paymentState } from '../one-service.ts'
import { type Exim, startExim } from './exim.ts'

const returnDomain = 'mail.aisle.test'

let exim: Exim
let house: MailHouse
beforeAll(async () => {
  const returnPort = await freePort()
  exim = await startExim({ returnDomain, returnPort })
  house = await openMailHouse({
    MAIL_URL: exim.url,
    MAIL_FROM: `Aisle <hello@${returnDomain}>`,
    MAIL_RETURN: `bounces@${returnDomain}`,
    MAIL_RETURN_PORT: returnPort,
  })
  await house.start()
})
afterEach(({ task }) => {
  if (task.result?.state === 'fail') console.error(exim.log())
})
afterAll(async () => {
  await house?.[Symbol.asyncDispose]()
  exim?.[Symbol.dispose]()
})

const known = () => `known.${newId()}@example.org`
const bought = ({ id }: Person, name = 'The Winter Concert') => {
  const order = orderState({ status: 'complete', version: 4, buyerId: id, sellerId: newId() })
  const event = {
    id: newId(),
    name,
    venue: 'Great Hall',
    city: 'Vienna',
    startsAt: '2099-12-01T19:00:00.000Z',
    timeZone: 'Europe/Vienna',
  }
  return envelope(OrderCompleted, order.id, { ...order, ticket: { ...order.ticket, event } })
}
const deliveryOf = async ({ id }: Person) =>
  (
    await house.sql<{ noticeId: string; status: string; why: string | null }[]>`
      select notice_id as "noticeId", status, why from deliveries where user_id = ${id} order by notice_id desc limit 1`
  )[0]

type Received = Email & { noticeId: string; raw: string }

/** The person's mail as it lies in the mailbox. */
async function received(person: Person): Promise<Received> {
  const find = () => exim.mails().find((raw) => raw.includes(`To: ${person.address}`))
  const raw = (await house.whilePassing(find, (mail) => mail !== undefined, 'the mail in the mailbox'))!
  const delivery = await house.whilePassing(
    () => deliveryOf(person),
    (now) => now?.status === 'sent',
    'the mail to be recorded as sent',
  )
  const mail = await PostalMime.parse(raw, { attachmentEncoding: 'utf8' })
  return { ...mail, noticeId: delivery!.noticeId, raw: raw.toString() }
}
const header = ({ headers }: Email, name: string) => headers.find(({ key }) => key === name)?.value

it.each([
  ['in English', 'en', 'Two seats in the stalls', 'Your ticket: Two seats in the stalls', /^Hello Jonas/m],
  ['in German', 'de', 'Zwei Plätze, größer als üblich', 'Dein Ticket: Zwei Plätze, größer als üblich', /^Hallo Jonas/m],
  ['of any script', 'en', 'תו זהב 🎟 二席', 'Your ticket: תו זהב 🎟 二席', /תו זהב 🎟 二席/],
  ['with a line that a dot begins', 'en', `. ${'x'.repeat(190)}`, /^Your ticket: \. x+$/, /^\. x+|: \. x+/m],
] as const)('a receipt %s arrives as it was written', async (_, language, name, subject, text) => {
  const person = await house.person({ address: known(), language })
  await house.publish(bought(person, name))
  const mail = await received(person)
  expect(mail.subject).toEqual(typeof subject === 'string' ? subject : expect.stringMatching(subject))
  expect(mail.messageId).toBe(`<${mail.noticeId}@${returnDomain}>`)
  expect(mail.from).toEqual({ name: 'Aisle', address: `hello@${returnDomain}` })
  expect(mail.to).toEqual([{ name: '', address: person.address }])
  expect(mail.returnPath).toContain(`bounces+${mail.noticeId.replaceAll('-', '')}.`)
  expect(mail.text).toMatch(text)
  expect(mail.html).toContain(`<html lang="${language}">`)
  expect(mail.html).toContain(name)
  const [calendar, ...more] = mail.attachments
  expect(more).toEqual([])
  expect(calendar).toMatchObject({ filename: 'ticket.ics', mimeType: 'text/calendar' })
  expect(calendar?.content).toMatch(/^BEGIN:VCALENDAR\r?\n.*END:VCALENDAR\r?\n?$/s)
  expect(mail.raw.split('\n').every((line) => Buffer.byteLength(line) <= 998)).toBe(true)
})

it('a notice that one may switch off arrives with the headers for that', async () => {
  const person = await house.person({ address: known() })
  const order = orderState({ status: 'cancelled', reason: 'expired', version: 3, buyerId: person.id })
  const payment = paymentState({ orderId: order.id, status: 'declined' })
  await house.publish(envelope(PaymentFailed, payment.id, payment))
  await house.publish(envelope(OrderCancelled, order.id, order))
  const mail = await received(person)
  expect(header(mail, 'list-unsubscribe')).toMatch(/^<http:\/\/localhost:3000\/api\/notices\/unsubscribe\/[^>]+>$/)
  expect(header(mail, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click')
  expect(header(mail, 'auto-submitted')).toBe('auto-generated')
  expect(mail.attachments).toEqual([])
})

it('a notice about security arrives, and nothing offers to end it', async () => {
  const person = await house.person({ address: known() })
  const secured = { userId: person.id, version: 3, what: 'new-device' as const, at: new Date().toISOString() }
  await house.publish(envelope(UserSecured, person.id, secured))
  const mail = await received(person)
  expect(mail.subject).toBe('New sign-in to your account')
  expect(header(mail, 'list-unsubscribe')).toBeUndefined()
})

it('a mail to a user that Exim does not know comes back, and no other is sent there', async () => {
  const person = await house.person({ address: `nobody.${newId()}@example.org` })
  await house.publish(bought(person))
  const bounced = await house.whilePassing(
    () => deliveryOf(person),
    (now) => now?.status === 'bounced',
    'the mail to come back',
  )
  expect(bounced?.why).toMatch(/^5\.0\.0/)
  await house.publish(bought(person))
  await house.whilePassing(
    () => deliveryOf(person),
    (now) => now?.status === 'suppressed',
    'the next mail to be suppressed',
  )
})
