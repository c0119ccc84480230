// Which of each other's revocations replicas read: those that can still matter, and no more.

import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { connect } from '../db/connect.ts'
import { cloneDatabases, type TestDatabases } from '../testing/databases.ts'
import { pruneOnce } from '../testing/prune-once.ts'
import { recordEnd, recordRevocation } from './revocations.ts'
import { createSessions, sessionAudience, sessionIssuer, sessionType } from './session.ts'

const day = 24 * 60 * 60 * 1000
const userId = '0190aaaa-0000-7000-8000-000000000001'
const sessionId = '0190aaaa-0000-7000-8000-000000000002'
const now = new Date()

let databases: TestDatabases
let sql: ReturnType<typeof connect>
let publicKeys: string
let token: string
beforeAll(async () => {
  databases = await cloneDatabases(inject('postgres'), ['tickets'])
  sql = connect(databases.url('tickets'), { max: 2 })
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true })
  publicKeys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), alg: 'EdDSA' }] })
  token = await new SignJWT({ sid: sessionId, role: 'user', name: 'Sue', auth_time: now.getTime() / 1000 })
    .setProtectedHeader({ alg: 'EdDSA', typ: sessionType })
    .setSubject(userId)
    .setIssuer(sessionIssuer)
    .setAudience(sessionAudience)
    .setIssuedAt(now.getTime() / 1000)
    .setExpirationTime(now.getTime() / 1000 + 3600)
    .sign(privateKey)
})
afterAll(async () => {
  await sql.end()
  await databases[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await sql`truncate session_revocations, ended_sessions`
})

/** A replica that has read all recorded revocations. */
async function replica() {
  const sessions = createSessions({ publicKeys, sql, now: () => now })
  await sessions.refresh()
  return sessions
}
const after = (ms: number) => new Date(now.getTime() + ms)

it('refuses a session that was ended while a replica runs, or before it started', async () => {
  const running = await replica()
  expect(await running.verify(token)).not.toBeNull()
  await recordEnd(sql, sessionId, after(day))
  expect(await running.verify(token)).not.toBeNull()
  await running.refresh()
  expect(await running.verify(token)).toBeNull()
  expect(await (await replica()).verify(token)).toBeNull()
})

it('refuses all sessions of a user that were revoked while a replica runs, or before it started', async () => {
  const running = await replica()
  await recordRevocation(sql, userId, now)
  await running.refresh()
  expect(await running.verify(token)).toBeNull()
  expect(await (await replica()).verify(token)).toBeNull()
})

it('neither reads nor keeps revocations that no longer matter', async () => {
  await recordEnd(sql, sessionId, after(-1))
  await recordRevocation(sql, userId, after(-30 * day - 1))
  const statements: unknown[] = []
  const listening = new Proxy(sql, {
    apply: async (target, self, values) => {
      const rows = await Reflect.apply(target, self, values)
      statements.push(rows)
      return rows
    },
  })
  await createSessions({ publicKeys, sql: listening, now: () => now }).refresh()
  expect(statements).toEqual([[]])

  await recordEnd(sql, '0190aaaa-0000-7000-8000-000000000003', after(-day - 60_000))
  const before = '0190aaaa-0000-7000-8000-000000000004'
  await sql`
    insert into session_revocations (user_id, revoked_before, recorded_at)
    values (${before}, ${after(-31 * day - 60_000)}, ${after(-31 * day - 60_000)})`
  await pruneOnce(databases.url('tickets'))
  expect(await sql`select session_id from ended_sessions`).toEqual([{ sessionId }])
  expect(await sql`select user_id from session_revocations`).toEqual([{ userId }])
})
