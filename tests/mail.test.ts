// Mails over SMTP: whatever the server does and whenever our process dies, each notice is mailed, and a second time
// only if the process died between the server's answer and our commit.

import { UserContact } from '@aisle/contracts/messages/auth'
import { OrderCompleted } from '@aisle/contracts/messages/orders'
import { until } from '@aisle/kit/testing/settled'
import { newId } from '@aisle/kit/time/ids'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MailHouse, openMailHouse, type Person } from './mail-house.ts'
import type { Moment, Whim } from './mail-server.ts'
import { envelope, orderState } from './one-service.ts'

let house: MailHouse
let buyer: Person
beforeAll(async () => {
  house = await openMailHouse({ MAIL_CONNECTIONS: 2 })
  await house.start()
  buyer = await house.person()
})
afterAll(() => house[Symbol.asyncDispose]())

const bought = (person: Person, title = 'One seat') => {
  const order = orderState({ status: 'complete', version: 4, buyerId: person.id, sellerId: newId() })
  return envelope(OrderCompleted, order.id, { ...order, ticket: { ...order.ticket, title } })
}
const mailsTo = ({ address }: Person) => house.server.accepted.filter(({ to }) => to === address)
const statusOf = async (person: Person) =>
  (
    await house.sql<{ status: string }[]>`select status from deliveries where user_id = ${person.id} order by notice_id`
  ).map(({ status }) => status)
const mailed = (person: Person, count = 1) =>
  house.whilePassing(
    () => statusOf(person),
    (all) => all.filter((status) => status === 'sent').length === count,
    `${count} mails to be recorded as sent`,
  )
/** The server does this once, at a moment of a mail to the person. */
const once = (person: Person, at: Moment, whim: Whim) => {
  let isDone = false
  house.server.behave((moment, to) => {
    if (isDone || moment !== at || (moment !== 'connect' && to !== person.address)) return null
    isDone = true
    return whim
  })
}

describe('a mail', () => {
  it('reaches its reader as HTML and as text, from the address of the marketplace', async () => {
    await house.publish(bought(buyer))
    await mailed(buyer)
    const [mail] = mailsTo(buyer)
    expect(mail?.subject).toBe('Your ticket: One seat')
    expect(mail?.messageId).toMatch(/^<[0-9a-f-]{36}@localhost>$/)
    expect(mail?.raw).toMatch(/^From: Aisle <aisle@localhost>\r$/m)
    expect(mail?.raw).toContain('Content-Type: multipart/alternative')
  })

  it.each([
    ['a lost connection before the greeting', 'connect', 'drop'],
    ['a refusal of the connection for now', 'connect', { code: 421, message: 'too busy' }],
    ['a refusal of the address for now', 'recipient', { code: 450, message: 'greylisted' }],
    ['a connection lost after the text', 'data', 'drop'],
    ['a refusal of the text for now', 'data', { code: 451, message: 'try later' }],
  ] as const)('survives %s', async (_, moment, whim) => {
    const person = await house.person()
    once(person, moment, whim)
    await house.publish(bought(person))
    await mailed(person)
    expect(mailsTo(person)).toHaveLength(1)
  })

  it('waits for a slow server, and holds up no other', async () => {
    const [slow, quick] = [await house.person(), await house.person()]
    const { promise, resolve } = Promise.withResolvers<void>()
    once(slow, 'data', promise)
    await house.publish(bought(slow))
    await house.publish(bought(quick))
    await mailed(quick)
    expect(mailsTo(slow)).toEqual([])
    resolve()
    await mailed(slow)
  })

  it('to an address that its server does not know comes back, and no other is sent there', async () => {
    const person = await house.person()
    once(person, 'recipient', { code: 550, message: 'no such user' })
    await house.publish(bought(person))
    await house.whilePassing(
      () => statusOf(person),
      ([status]) => status === 'bounced',
      'the mail to come back',
    )
    await house.publish(bought(person))
    await house.whilePassing(
      () => statusOf(person),
      (all) => all.join() === 'bounced,suppressed',
      'the next mail to be suppressed',
    )
    expect(mailsTo(person)).toEqual([])
  })

  it('that the server refuses for its content is given up, and the next one is sent', async () => {
    const person = await house.person()
    once(person, 'data', { code: 554, message: 'looks like spam' })
    await house.publish(bought(person))
    await house.whilePassing(
      () => statusOf(person),
      ([status]) => status === 'given-up',
      'the mail to be given up',
    )
    await house.publish(bought(person))
    await mailed(person)
  })

  it('waits until the address is confirmed', async () => {
    const person = await house.person({ confirmed: false })
    await house.publish(bought(person))
    await house.whilePassing(
      () => statusOf(person),
      ([status]) => status === 'waiting',
      'the mail to wait',
    )
    const [contact] = await house.sql<{ sealed: string }[]>`select sealed from contacts where user_id = ${person.id}`
    const { sealed } = contact!
    const state = { id: person.id, version: 3, sealed, language: 'de' as const, confirmed: true }
    await house.publish(envelope(UserContact, person.id, state))
    await mailed(person)
    expect(mailsTo(person).map(({ subject }) => subject)).toEqual(['Dein Ticket: One seat'])
  })

  it('has no header that a name or a title begins', async () => {
    const person = await house.person({ name: 'Jonas\r\nBcc: all@example.org' })
    await house.publish(bought(person, 'A seat\r\nBcc: all@example.org'))
    await mailed(person)
    const [mail] = mailsTo(person)
    expect(mail?.raw.split('\r\n\r\n', 1)[0]).not.toMatch(/^Bcc:/m)
  })

  it('goes to nobody else, whatever the address contains', async () => {
    const [one, other] = [`${newId()}@example.org`, `${newId()}@example.org`]
    for (const address of [`${one}, ${other}`, `${one}\r\nRCPT TO:<${other}>`, `x <${one}>, y <${other}>`]) {
      const person = await house.person({ address })
      await house.publish(bought(person))
      await house.whilePassing(
        () => statusOf(person),
        ([status]) => status !== 'queued',
        'the mail to be tried',
      )
    }
    expect(house.server.accepted.filter(({ to }) => to.includes(other))).toEqual([])
  })
})

describe('kill -9 while a mail is on its way', () => {
  const { promise: never } = Promise.withResolvers<never>()

  it.each(['connect', 'recipient', 'data'] as const)('before the server took it (%s): it is sent once', async (at) => {
    const person = await house.person()
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    // A connection that is open already is not made anew.
    if (at === 'connect') await restart()
    let isDone = false
    house.server.behave((moment, to) => {
      if (isDone || moment !== at || (moment !== 'connect' && to !== person.address)) return null
      isDone = true
      resolve()
      return never
    })
    await house.publish(bought(person))
    await reached
    await restart()
    await mailed(person)
    expect(mailsTo(person)).toHaveLength(1)
  })

  it('after the server took it and before our commit: it is sent again under the same Message-ID', async () => {
    const person = await house.person()
    const lock = await house.sql.reserve()
    await lock`begin`
    await house.publish(bought(person))
    await until(
      () => house.sql`select 1 from deliveries where user_id = ${person.id}`,
      (rows) => rows.length > 0,
      'the notice to be made',
    )
    await lock`select 1 from deliveries where user_id = ${person.id} for update`
    await until(
      async () => mailsTo(person),
      (mails) => mails.length === 1,
      'the server to take the mail',
    )
    await restart(async () => {
      await lock`rollback`
      lock.release()
    })
    await mailed(person)
    const mails = mailsTo(person)
    expect(mails.length).toBeGreaterThanOrEqual(1)
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1)
  })

  it('before the notice was committed: it is made by the next process', async () => {
    const person = await house.person()
    const lock = await house.sql.reserve()
    await lock`begin`
    await lock`lock table notices in access exclusive mode`
    await house.publish(bought(person))
    await until(
      () => house.sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      (rows) => rows.length > 0,
      'the notice to wait for its table',
    )
    await restart(async () => {
      await lock`rollback`
      lock.release()
    })
    await mailed(person)
    expect(mailsTo(person)).toHaveLength(1)
  })
})

async function restart(whileDown: () => Promise<void> = async () => {}) {
  await house.kill()
  await whileDown()
  house.server.behave(() => null)
  await house.start()
}
