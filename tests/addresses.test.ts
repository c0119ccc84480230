// Whoever reads a database, an outbox or a backup, other than auth's own, a stream of the broker or a log finds no
// address: a planted person does all that people do, and every row of every table of every service, every message on
// the streams and every line of the logs is searched for them.

import { findNatsServer, noNatsServer } from '@aisle/dev/nats'
import { createLog } from '@aisle/kit/log'
import { startTestBroker, type TestBroker } from '@aisle/kit/testing/nats'
import { until } from '@aisle/kit/testing/settled'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectApp } from './authenticator-app.ts'
import { Client } from './client.ts'
import { closeWorld } from './invariants.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { buy, openWorld, type World, worldServices } from './world.ts'

let server: MailServer
let broker: TestBroker | undefined
let world: World
const lines: string[] = []
if (!findNatsServer()) console.warn(noNatsServer)
beforeAll(async () => {
  server = await startMailServer()
  broker = findNatsServer() ? await startTestBroker() : undefined
  const log = createLog('test', 'trace', (line) => void lines.push(line))
  world = await openWorld({ MAIL_URL: server.url }, { web: true, busUrl: broker?.url ?? null, log })
})
afterAll(async () => {
  await closeWorld(world)
  await broker?.[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const planted = `planted${crypto.randomUUID().slice(0, 8)}`
const email = `${planted}@example.org`
const moved = `${planted}-moved@example.org`
const name = `Ada ${planted.slice(7).toUpperCase()}`
const phone = `+41 ${Math.floor(Math.random() * 9e8 + 1e8)}`
const password = `a good password ${crypto.randomUUID().slice(0, 8)}`

/** The text of a mail, whose lines are quoted-printable or base64. */
const decoded = (raw: string) => {
  const parts = raw.split(/\r\n--/).map((part) => {
    const [head = '', ...body] = part.split('\r\n\r\n')
    const text = body.join('\r\n\r\n')
    if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString()
    return text
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  })
  return parts.join('\n')
}

/** The secret of the newest link to a page that was mailed to an address. */
const secretFor = (page: string, to: string): Promise<string> =>
  until(
    async () => {
      for (const { raw } of server.accepted.filter((mail) => mail.to === to).toReversed()) {
        const secret = new RegExp(`/${page}/([\\w-]{43})`).exec(decoded(raw))?.[1]
        if (secret) return secret
      }
      return ''
    },
    (secret) => secret !== '',
    `a mail to ${to} with a link to /${page}`,
  )

/** Tables with a row that contains `text`, in any form of it that a row can have. */
async function tablesWith(text: string): Promise<string[]> {
  const found: string[] = []
  for (const service of worldServices) {
    const sql = world.sql(service)
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_type = 'BASE TABLE'`
    for (const { name } of tables) {
      const rows = await sql`select 1 from ${sql(name)} t where t::text ilike ${`%${text}%`} limit 1`
      if (rows.length > 0) found.push(`${service}.${name}`)
    }
  }
  return found.toSorted()
}

it('a person’s address is in auth alone, and a secret nowhere', async () => {
  const client = new Client(world.stack.url)
  const keyed = { 'idempotency-key': crypto.randomUUID() }
  const signUp = (by: Client) => by.send('POST', '/api/users/signup', { email, password, name }, keyed)
  const first = await signUp(client)
  expect([first.status, (await signUp(new Client(world.stack.url))).body]).toEqual([201, first.body])
  const confirming = await secretFor('confirm', email)
  await client.expect(204, 'POST', '/api/users/confirm', { token: confirming })
  await client.send('PATCH', '/api/users/me', { phone }, { 'idempotency-key': crypto.randomUUID() })
  await buy(world, await world.member(), client)
  await world.visitor().send('POST', '/api/users/signin', { email, password: 'not this one' })
  await new Client(world.stack.url).send('POST', '/api/users/signin', { email, password })
  await world.visitor().send('POST', '/api/users/signup', { email, password: 'another password' })
  await world.visitor().send('POST', '/api/users/reset', { email })
  await client.send('POST', '/api/users/me/address', { email: moved })
  await client.send('GET', '/api/users/currentuser')
  const app = await connectApp(world, client)
  const made = await client.send<{ recoveryCodes: string[] }>('POST', '/api/users/me/recovery-codes', undefined, keyed)
  const again = await world
    .visitor()
    .send<{ challenge: string }>('POST', '/api/users/signin', { email, password }, keyed)
  const codes = [...app.recoveryCodes, ...made.body.recoveryCodes]
  const secrets = [
    ...[confirming, await secretFor('reset', email), await secretFor('confirm', moved), again.body.challenge],
    ...[app.secret, ...codes, ...codes.map((code) => code.replaceAll('-', ''))],
  ]
  await world.settled()

  expect(await tablesWith(planted)).toEqual(['auth.links', 'auth.users'])
  expect(await tablesWith(phone)).toEqual(['auth.users'])
  // The name is what buyers and sellers see.
  expect(await tablesWith(name)).toEqual(['auth.idempotency_keys', 'auth.outbox', 'auth.users', 'tickets.users'])
  for (const secret of [password, ...secrets]) expect(await tablesWith(secret)).toEqual([])

  const messages = await world.streamed()
  if (broker) expect(messages.filter((text) => text.includes(name))).not.toEqual([])
  expect(lines.filter((line) => line.includes('"msg":"audit"'))).not.toEqual([])
  for (const text of [planted, phone, password, ...secrets]) {
    expect([text, messages.find((message) => message.includes(text))]).toEqual([text, undefined])
    expect([text, lines.find((line) => line.includes(text))]).toEqual([text, undefined])
  }
  expect(lines.find((line) => line.includes(name))).toBeUndefined()
})
