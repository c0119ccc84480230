// Mails that come back: by mail, to an address that only we can make, and by the provider's webhook. Each takes effect
// once, on the mail that it is about. What is forged, or about nothing of ours, changes nothing.

import { createHmac } from 'node:crypto'
import { createConnection } from 'node:net'
import { contactPurpose, UserContact } from '@aisle/contracts/messages/auth'
import { OrderCancelled, OrderCompleted } from '@aisle/contracts/messages/orders'
import { PaymentFailed } from '@aisle/contracts/messages/payments'
import { freePort } from '@aisle/dev/free-port'
import { seal } from '@aisle/kit/sealed'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samples } from '../services/notices/mail/report-testing.ts'
import { type MailHouse, openMailHouse, type Person } from './mail-house.ts'
import { envelope, orderState, paymentState } from './one-service.ts'

const domain = 'mail.aisle.test'
const secretOf = (text: string) => `whsec_${Buffer.from(text).toString('base64')}`
const secrets = [secretOf('the secret of this test is long'), secretOf('the one of before is just as long')]

let port: number
let house: MailHouse
beforeAll(async () => {
  port = await freePort()
  house = await openMailHouse({
    MAIL_FROM: `Aisle <hello@${domain}>`,
    MAIL_RETURN: `bounces@${domain}`,
    MAIL_RETURN_PORT: port,
    MAIL_WEBHOOK_SECRETS: secrets.join(','),
  })
  await house.start()
})
afterAll(() => house[Symbol.asyncDispose]())

type Delivery = { noticeId: string; status: string; why: string | null; addressMac: Buffer | null }
const deliveriesOf = (person: Person) => house.sql<Delivery[]>`
  select notice_id as "noticeId", status, why, address_mac as "addressMac" from deliveries
  where user_id = ${person.id} order by notice_id`
const statusOf = async (person: Person) => (await deliveriesOf(person)).map(({ status }) => status).join()
/** Everything that a mail that comes back may change. The seller of each sale has no address yet. */
const everything = async () => ({
  deliveries: await house.sql`
    select notice_id, status, why, complained_at from deliveries where address_mac is not null order by 1`,
  suppressions: await house.sql`select * from suppressions order by address_mac`,
  preferences: await house.sql`select * from preferences order by user_id, kind`,
})
const isSuppressed = async ({ addressMac }: Delivery) =>
  (await house.sql`select 1 from suppressions where address_mac = ${addressMac}`).length > 0

const bought = ({ id }: Person) => {
  const order = orderState({ status: 'complete', version: 4, buyerId: id, sellerId: newId() })
  return envelope(OrderCompleted, order.id, order)
}
/** A mail that was sent to a person, as the server took it and as we know it. */
async function sent(person: Person) {
  const earlier = (await deliveriesOf(person)).length
  await house.publish(bought(person))
  const deliveries = await house.whilePassing(
    () => deliveriesOf(person),
    (all) => all.length > earlier && all.every(({ status }) => status !== 'queued' && status !== 'deferred'),
    'the mail to be sent',
  )
  const delivery = deliveries.at(-1)!
  const mail = house.server.accepted.find(({ messageId }) => messageId.includes(delivery.noticeId))!
  return { ...delivery, mail }
}
const someone = async () => sent(await house.person())
const ends = (person: Person, status: string) =>
  house.whilePassing(
    () => statusOf(person),
    (now) => now === status,
    `the mails to be ${status}`,
  )
/** All that was asked for has been done. */
const settled = () =>
  house.whilePassing(
    () => house.sql`select 1 from work where kind = 'come-back' and status = 'pending'`,
    (rows) => rows.length === 0,
    'what came back to take effect',
  )

/** Sends a mail to our server for mails that come back; resolves to the code of its answer. */
async function comeBack(to: string, raw: string, from = ''): Promise<number> {
  const mailer = createTransport({ host: '127.0.0.1', port, ignoreTLS: true })
  try {
    await mailer.sendMail({ envelope: { from, to: [{ name: '', address: to }] }, raw: raw.replaceAll('\n', '\r\n') })
    return 250
  } catch (error) {
    return (error as { responseCode?: number }).responseCode ?? 0
  } finally {
    mailer.close()
  }
}

type Change = { id?: string; at?: number; secret?: string; prefix?: string; signature?: string }
/** Calls the webhook as the provider does; resolves to the status of the answer. */
async function webhook(event: unknown, change: Change = {}): Promise<number> {
  const body = typeof event === 'string' ? event : JSON.stringify(event)
  const [{ now }] = await house.sql<[{ now: Date }]>`select max(created_at) as now from work`
  const { id = `msg_${newId()}`, at = Math.floor(now.getTime() / 1000), secret = secrets[0]!, prefix = 'svix' } = change
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const mac = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    [`${prefix}-id`]: id,
    [`${prefix}-timestamp`]: String(at),
    [`${prefix}-signature`]: change.signature ?? `v1,${mac}`,
  }
  const answer = await fetch(`${house.url()}/api/notices/webhooks/mail`, { method: 'POST', headers, body })
  return answer.status
}
const bounceOf = (data: object, type = 'Permanent') => ({
  type: 'email.bounced',
  created_at: '2026-11-27T10:00:00.000Z',
  data: {
    email_id: newId(),
    from: `Aisle <hello@${domain}>`,
    subject: 'Your ticket',
    ...data,
    bounce: { type, message: 'no such user x@example.org' },
  },
})
const complaintOf = (data: object) => ({ type: 'email.complained', created_at: '2026-11-27T10:00:00.000Z', data })

describe('a mail', () => {
  it('comes back to an address of its own', async () => {
    const { mail, noticeId } = await someone()
    expect(mail.from).toMatch(/^bounces\+[0-9a-f]{32}\.[0-9a-f]{12}@mail\.aisle\.test$/)
    expect(mail.from).toContain(noticeId.replaceAll('-', ''))
    expect(mail.raw).toMatch(/^From: Aisle <hello@mail\.aisle\.test>\r$/m)
  })

  it('goes to nobody else, whatever the address contains', async () => {
    const [one, other] = [`${newId()}@example.org`, `${newId()}@example.org`]
    for (const address of [`${one}, ${other}`, `x <${one}>, y <${other}>`]) {
      const person = await house.person({ address })
      await house.publish(bought(person))
      await house.whilePassing(
        () => statusOf(person),
        (status) => status !== '' && status !== 'queued',
        'the mail to be tried',
      )
    }
    expect(house.server.accepted.filter(({ to }) => to.includes(other))).toEqual([])
  })
})

describe('a report that an address is unknown', () => {
  it('makes the mail one that came back, and no other is sent there', async () => {
    const person = await house.person()
    const { mail } = await sent(person)
    expect(await comeBack(mail.from, samples.postfix)).toBe(250)
    await ends(person, 'bounced')
    const [delivery] = await deliveriesOf(person)
    expect(delivery?.why).toMatch(/^5\.1\.1 smtp; 550 5\.1\.1 <…>: Recipient address rejected/)
    await house.publish(bought(person))
    await ends(person, 'bounced,suppressed')
  })

  it('changes nothing a second time', async () => {
    const { mail } = await someone()
    await comeBack(mail.from, samples.exim)
    await settled()
    const before = await everything()
    expect(await comeBack(mail.from, samples.exim)).toBe(250)
    expect(await comeBack(mail.from.toUpperCase(), samples.gmail)).toBe(250)
    await settled()
    expect(await everything()).toEqual(before)
  })

  it('that arrives before our own record of the mail waits for it', async () => {
    const person = await house.person()
    const { promise: locked, resolve: go } = Promise.withResolvers<void>()
    house.server.behave((moment, to) => (moment === 'recipient' && to === person.address ? locked : null))
    await house.publish(bought(person))
    const [delivery] = await until(
      () => deliveriesOf(person),
      (rows) => rows.length > 0,
      'the notice to be made',
    )
    const { noticeId } = delivery!
    const lock = await house.sql.reserve()
    await lock`begin`
    await lock`select 1 from deliveries where user_id = ${person.id} for update`
    go()
    const mail = await until(
      async () => house.server.accepted.find(({ messageId }) => messageId.includes(noticeId)),
      (found) => found !== undefined,
      'the server to take the mail',
    )
    expect(await comeBack(mail!.from, samples.microsoft)).toBe(250)
    await until(
      () => house.sql`select 1 from work where kind = 'come-back' and subject = ${noticeId} and tries > 0`,
      (rows) => rows.length > 0,
      'the report to be looked at',
    )
    await lock`rollback`
    lock.release()
    await ends(person, 'bounced')
  })

  it('says nothing about the address that the person has now', async () => {
    const person = await house.person()
    const { mail } = await sent(person)
    const [key] = await house.sql<{ publicKey: Parameters<typeof seal>[0] }[]>`
      select message -> 'data' -> 'publicKey' as "publicKey" from outbox
      where message ->> 'type' = 'contact:key-made' and message ->> 'subject' = ${person.id}`
    const sealed = await seal(key!.publicKey, contactPurpose, { address: `${newId()}@example.org`, name: 'Jonas' })
    const contact = { id: person.id, version: 3, sealed, language: 'en' as const, confirmed: true }
    await house.publish(envelope(UserContact, person.id, contact))
    await house.whilePassing(
      () => house.sql`select 1 from contacts where user_id = ${person.id} and version = 3`,
      (rows) => rows.length > 0,
      'the new address to be known',
    )
    await comeBack(mail.from, samples.postfix)
    await ends(person, 'bounced')
    await house.publish(bought(person))
    await ends(person, 'bounced,sent')
  })
})

describe('after its owner has said that the address works again', () => {
  it('a report about an earlier mail is no news, and one about a later mail is', async () => {
    const person = await house.person()
    const [first, second] = [await sent(person), await sent(person)]
    await comeBack(first.mail.from, samples.postfix)
    await ends(person, 'bounced,sent')
    await house.sql`update suppressions set lifted_at = at where address_mac = ${first.addressMac}`
    await comeBack(second.mail.from, samples.postfix)
    await ends(person, 'bounced,bounced')
    const third = await sent(person)
    expect(await statusOf(person)).toBe('bounced,bounced,sent')
    await comeBack(third.mail.from, samples.postfix)
    await ends(person, 'bounced,bounced,bounced')
    await house.publish(bought(person))
    await ends(person, 'bounced,bounced,bounced,suppressed')
  })
})

describe('a report', () => {
  it('of a mail that is blocked for what it is, or for who we are, suppresses nobody', async () => {
    const person = await house.person()
    const { mail, ...delivery } = await sent(person)
    await comeBack(mail.from, samples.microsoftBlocked)
    await ends(person, 'bounced')
    expect(await isSuppressed(delivery)).toBe(false)
  })

  it('that a mail is late is noted, and no more', async () => {
    const person = await house.person()
    const { mail, ...delivery } = await sent(person)
    await comeBack(mail.from, samples.gmailFull)
    await settled()
    expect(await deliveriesOf(person)).toMatchObject([{ status: 'sent', why: expect.stringMatching(/^4\.2\.2 /) }])
    expect(await isSuppressed(delivery)).toBe(false)
  })

  it.each(['delivered', 'vacation', 'vacationQuoting', 'reply', 'receipt', 'inWords'] as const)(
    'there is none in a mail like this: %s',
    async (name) => {
      const { mail } = await someone()
      const before = await everything()
      expect(await comeBack(mail.from, samples[name], 'jonas@example.org')).toBe(250)
      await settled()
      expect(await everything()).toEqual(before)
    },
  )
})

describe('the server for mails that come back', () => {
  it('takes nothing for an address that we have not made', async () => {
    const [{ mail }, other] = [await someone(), await someone()]
    const before = await everything()
    const forged = [
      mail.from.replace(/\.[0-9a-f]{12}@/, '.0123456789ab@'),
      mail.from.replace(/\+[0-9a-f]{32}/, `+${other.noticeId.replaceAll('-', '')}`),
      mail.from.replace(domain, 'example.org'),
      mail.from.replace(/\.[0-9a-f]{12}@/, '@'),
      `bounces@${domain}`,
      `postmaster@${domain}`,
      'jonas@example.org',
      `jonas%example.org@${domain}`,
      `"${mail.from}"@example.org`,
      `@example.org:${mail.from}`,
    ]
    const codes: number[] = []
    for (const to of forged) codes.push(await comeBack(to, samples.postfix))
    expect(codes.map((code) => Math.floor(code / 100))).toEqual(forged.map(() => 5))
    expect(await everything()).toEqual(before)
  })

  it('passes nothing on, from whomever', async () => {
    const count = house.server.accepted.length
    expect(await comeBack('jonas@example.org', samples.reply, `hello@${domain}`)).toBe(550)
    expect(house.server.accepted).toHaveLength(count)
  })

  it('takes nothing larger than a megabyte', async () => {
    const { mail } = await someone()
    const before = await everything()
    const large = `${samples.postfix}${`${'x'.repeat(76)}\n`.repeat(15_000)}`
    expect(await comeBack(mail.from, large)).toBe(552)
    expect(await everything()).toEqual(before)
  })

  it('takes one recipient at a time, knows no users and no TLS', async () => {
    const [{ mail }, { mail: second }] = [await someone(), await someone()]
    const answers = await talk([
      'EHLO x',
      'AUTH PLAIN AGEAYg==',
      'MAIL FROM:<>',
      `RCPT TO:<${mail.from}>`,
      `RCPT TO:<${second.from}>`,
      'QUIT',
    ])
    expect(answers.filter((line) => /^250[- ](AUTH|STARTTLS)/.test(line))).toEqual([])
    const codes = answers.filter((line) => /^\d{3} /.test(line)).map((line) => line.slice(0, 3))
    expect(codes).toEqual(['220', '250', expect.stringMatching(/^5/), '250', '250', '452', '221'])
  })

  it('ends with its process, and a report that it has taken takes effect after the next start', async () => {
    const person = await house.person()
    const { mail } = await sent(person)
    const lock = await house.sql.reserve()
    await lock`begin`
    await lock`lock table deliveries in access exclusive mode`
    expect(await comeBack(mail.from, samples.postfix)).toBe(250)
    await house.kill()
    expect(await comeBack(mail.from, samples.postfix)).toBe(0)
    await lock`rollback`
    lock.release()
    await house.start()
    await ends(person, 'bounced')
  })
})

/** Says these lines, each after the answer to the one before; resolves to all lines of the answers. */
async function talk(lines: readonly string[]): Promise<string[]> {
  const socket = createConnection(port, '127.0.0.1').setEncoding('utf8')
  const rest = [...lines]
  let said = ''
  let line = 0
  for await (const chunk of socket) {
    said += chunk
    const answers = said.split('\r\n').filter((one) => /^\d{3} /.test(one)).length
    while (line < answers && rest.length > 0) {
      socket.write(`${rest.shift()}\r\n`)
      line++
    }
  }
  return said.split('\r\n')
}

describe('a webhook', () => {
  it('that a mail bounced for good suppresses its address', async () => {
    const person = await house.person()
    const { mail, ...delivery } = await sent(person)
    expect(await webhook(bounceOf({ to: [person.address], message_id: mail.messageId }))).toBe(200)
    await ends(person, 'bounced')
    expect(await deliveriesOf(person)).toMatchObject([{ why: 'no such user …' }])
    expect(await isSuppressed(delivery)).toBe(true)
  })

  it('that names no Message-ID of ours is about the newest mail to the address', async () => {
    const person = await house.person()
    await sent(person)
    await sent(person)
    const id = `msg_${newId()}`
    const event = bounceOf({
      to: [`Jonas <${person.address.toUpperCase()}>`],
      message_id: '<010f@eu-west-1.amazonses.example>',
    })
    expect(await webhook(event, { id })).toBe(200)
    await ends(person, 'sent,bounced')
    expect(await webhook(event, { id })).toBe(200)
    await settled()
    expect(await statusOf(person)).toBe('sent,bounced')
  })

  it('that a mail is late is noted, and no more', async () => {
    const person = await house.person()
    const { mail, ...delivery } = await sent(person)
    const headers = [{ name: 'Message-ID', value: mail.messageId }]
    expect(await webhook(bounceOf({ to: person.address, headers }, 'Transient'))).toBe(200)
    await settled()
    expect(await deliveriesOf(person)).toMatchObject([{ status: 'sent', why: 'no such user …' }])
    expect(await isSuppressed(delivery)).toBe(false)
  })

  it('that a person complained ends that kind of mail, and suppresses the address', async () => {
    const person = await house.person()
    const order = orderState({ status: 'cancelled', reason: 'expired', version: 3, buyerId: person.id })
    const payment = paymentState({ orderId: order.id, status: 'declined' })
    await house.publish(envelope(PaymentFailed, payment.id, payment))
    await house.publish(envelope(OrderCancelled, order.id, order))
    await ends(person, 'sent')
    const [delivery] = await deliveriesOf(person)
    const id = `msg_${newId()}`
    const complaint = complaintOf({ to: [person.address], message_id: `<${delivery!.noticeId}@${domain}>` })
    expect(await webhook(complaint, { id })).toBe(200)
    await settled()
    const preference = () => house.sql`select kind, mail from preferences where user_id = ${person.id}`
    expect(await preference()).toEqual([{ kind: 'expired', mail: false }])
    expect(await isSuppressed(delivery!)).toBe(true)

    // They have switched it on again since: neither the same webhook nor the next about the same mail ends it.
    await house.sql`update preferences set mail = true where user_id = ${person.id}`
    await webhook(complaint, { id })
    await webhook(complaint)
    await settled()
    expect(await preference()).toEqual([{ kind: 'expired', mail: true }])
  })

  it('about a mail that nobody may switch off leaves the choices alone', async () => {
    const person = await house.person()
    const { mail, ...delivery } = await sent(person)
    await webhook(complaintOf({ to: [person.address], message_id: mail.messageId }))
    await settled()
    expect(await house.sql`select 1 from preferences where user_id = ${person.id}`).toEqual([])
    expect(await isSuppressed(delivery)).toBe(true)
  })

  it.each([
    ['about a stranger', bounceOf({ to: ['stranger@example.org'] })],
    ['about a mail that is none of ours', bounceOf({ to: [], message_id: `<${newId()}@${domain}>` })],
    ['about nobody', bounceOf({})],
    ['a complaint of a stranger', complaintOf({ to: ['stranger@example.org'] })],
    ['of a type without an effect', { type: 'email.delivered', data: { to: ['stranger@example.org'] } }],
    ['of a type that we do not know', { type: 'domain.updated', data: {} }],
  ])('%s is answered and changes nothing', async (_, event) => {
    await someone()
    const before = await everything()
    expect(await webhook(event)).toBe(200)
    await settled()
    expect(await everything()).toEqual(before)
  })

  it('may come under either name, and be signed with either secret', async () => {
    const event = { type: 'email.delivered', data: {} }
    expect(await webhook(event, { prefix: 'webhook' })).toBe(200)
    expect(await webhook(event, { secret: secrets[1]! })).toBe(200)
    expect(await webhook(event, { signature: '' })).toBe(400)
  })

  it('that nobody has signed, or too long ago, is refused, counted and recorded', async () => {
    const person = await house.person()
    await sent(person)
    const event = bounceOf({ to: [person.address] })
    const before = await everything()
    const nowSeconds = Math.floor(
      (await house.sql<[{ at: Date }]>`select max(created_at) as at from work`)[0].at.getTime() / 1000,
    )
    const codes = [
      await webhook(event, { secret: secretOf('a secret that is not ours at all') }),
      await webhook(event, { signature: 'v1,' }),
      await webhook(event, { signature: `v1,${'A'.repeat(43)}=` }),
      await webhook(event, { signature: 'v1a,x v2,y' }),
      await webhook(event, { at: nowSeconds - 400 }),
      await webhook(event, { at: nowSeconds + 400 }),
      await webhook(event, { id: '' }),
    ]
    expect(codes).toEqual(codes.map(() => 400))
    expect(await everything()).toEqual(before)
    const metrics = await (await fetch(`${house.url()}/metrics`)).text()
    expect(metrics).toMatch(/^mail_bad_signatures_total\{service="notices"\} [1-9]/m)
    await house.whilePassing(
      () => house.sql`select 1 from audit where action = 'webhook' and outcome = 'bad-signature'`,
      (rows) => rows.length > 0,
      'the refusals to be recorded',
    )
  })

  it.each([['{'], ['[]'], ['{"type":1}'], ['{"type":"email.bounced"}'], ['null'], ['']])(
    'that is signed and says nothing, %s, is refused',
    async (body) => {
      expect(await webhook(body)).toBe(400)
    },
  )
})

it('what became of the mails is counted', async () => {
  const text = await (await fetch(`${house.url()}/metrics`)).text()
  const count = (outcome: string) =>
    Number(new RegExp(`^mails_total\\{.*outcome="${outcome}".*\\} (\\d+)`, 'm').exec(text)?.[1])
  for (const outcome of ['sent', 'bounced', 'complained']) expect(count(outcome), outcome).toBeGreaterThan(0)
})
