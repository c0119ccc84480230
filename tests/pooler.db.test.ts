// A service does not start behind a pooler that gives each transaction another connection.

import { makeKeys } from '@aisle/dev/keys'
import { services } from '@aisle/dev/stack'
import { start } from '@aisle/kit/boot/start'
import { ConfigError } from '@aisle/kit/config'
import { connect } from '@aisle/kit/db/connect'
import { refusePooler } from '@aisle/kit/db/pooler'
import { createLog } from '@aisle/kit/log'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { startPooler } from '@aisle/kit/testing/pooler'
import { expect, inject, it } from 'vitest'

const expiration = services.find(({ name }) => name === 'expiration')!

it('the server itself is accepted', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['expiration'])
  await expect(refusePooler(databases.url('expiration'))).resolves.toBeUndefined()
})

it.for([1, 2, 5, 20])('a pooler with %i more connections is refused', async (more) => {
  await using databases = await cloneDatabases(inject('postgres'), ['expiration'])
  const direct = new URL(databases.url('expiration'))
  await using pooler = await startPooler(Number(direct.port))
  const url = Object.assign(direct, { port: String(pooler.port) }).href
  const others = Array.from({ length: more }, () => connect(url, { max: 1 }))
  try {
    for (const sql of others) await sql.unsafe('select 1')
    await expect(refusePooler(url)).rejects.toThrow(ConfigError)
    await expect(refusePooler(url)).rejects.toThrow('pooler in session mode')
  } finally {
    for (const sql of others) await sql.end({ timeout: 1 })
  }
})

it('a service says so and does not start', async () => {
  await using databases = await cloneDatabases(inject('postgres'), ['expiration', 'auth', 'orders'])
  const direct = new URL(databases.url('expiration'))
  await using pooler = await startPooler(Number(direct.port))
  const keys = makeKeys()
  const values = {
    DATABASE_URL: Object.assign(direct, { port: String(pooler.port) }).href,
    OUTBOX_URL_AUTH: databases.url('auth', 'auth_reader'),
    OUTBOX_URL_ORDERS: databases.url('orders', 'orders_reader'),
    SESSION_PUBLIC_KEYS: keys.sessionPublicKeys,
    FINGERPRINT_SECRET: keys.fingerprintSecret,
  }
  await expect(start(expiration, values, { log: createLog('test', 'silent') })).rejects.toThrow(/leads to a pooler/)
})
