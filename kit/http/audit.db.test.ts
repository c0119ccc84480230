// How refusals are recorded: each kind with its count, and never more rows than allowed, however many refusals
// there are.

import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { connect } from '../db/connect.ts'
import { openDatabase } from '../db/database.ts'
import { createLog } from '../log.ts'
import { cloneDatabases, type TestDatabases } from '../testing/databases.ts'
import { pruneOnce } from '../testing/prune-once.ts'
import { newId } from '../time/ids.ts'
import { createAudit } from './audit.ts'
import { forgetCaller } from './forget-caller.ts'
import type { Session } from './session.ts'

let databases: TestDatabases
let sql: ReturnType<typeof connect>
beforeAll(async () => {
  databases = await cloneDatabases(inject('postgres'), ['tickets'])
  sql = connect(databases.url('tickets'), { max: 2 })
})
afterAll(async () => {
  await sql.end()
  await databases[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await sql`truncate audit`
})

const openAudit = () => createAudit({ sql, now: () => new Date(), log: createLog('test', 'silent') })
const from = (address: string) => ({ session: null, client: { address } })
const refusal = { action: 'access', outcome: 'not-signed-in', detail: 'GET /api/orders' } as const
const rows = () => sql<{ address: string | null; times: number }[]>`select * from audit order by times desc, id`
const total = async () => (await rows()).reduce((sum, { times }) => sum + times, 0)

describe('refusals', () => {
  it('of one kind from one address are one row with their count', async () => {
    const audit = openAudit()
    for (let i = 0; i < 500; i++) audit.count(from('203.0.113.7'), refusal)
    audit.count(from('203.0.113.8'), refusal)
    await audit.flush()
    await audit.flush()
    expect(await rows()).toMatchObject([
      { address: '203.0.113.7', action: 'access', outcome: 'not-signed-in', detail: 'GET /api/orders', times: 500 },
      { address: '203.0.113.8', times: 1 },
    ])
  })

  it('by a flood from everywhere are counted, in a bounded number of rows', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const audit = openAudit()
      for (let second = 0; second < 120; second++) {
        for (let i = 0; i < 1_000; i++) audit.count(from(`198.51.${second}.${i}`), refusal)
        await audit.flush()
        vi.advanceTimersByTime(1_000)
      }
      expect((await rows()).length).toBeLessThanOrEqual(300 + 2 * 60)
      vi.advanceTimersByTime(60_000)
      await audit.flush()
      expect(await total()).toBe(120_000)
    } finally {
      vi.useRealTimers()
    }
  })

  it('that cannot be written now are written later', async () => {
    const audit = openAudit()
    audit.count(from('203.0.113.7'), refusal)
    await sql`alter table audit rename to elsewhere`
    await expect(audit.flush()).rejects.toThrow()
    await sql`alter table elsewhere rename to audit`
    await audit.flush()
    expect(await total()).toBe(1)
  })
})

it('deletes audit entries after 90 days, and not before', async () => {
  for (const days of [89, 91])
    await sql`
      insert into audit (at, action, outcome, subject)
      values (now() - ${days}::int * interval '1 day', 'ban', 'done', ${String(days)})`
  await pruneOnce(databases.url('tickets'))
  expect(await sql`select subject from audit`).toEqual([{ subject: '89' }])
})

it('forgets the address of a refusal that is written after its caller was erased', async () => {
  const [userId, other] = [newId(), newId()]
  const session = (id: string) => ({ id: newId(), userId: id }) as Session
  const audit = openAudit()
  for (const id of [userId, other]) audit.count({ session: session(id), client: { address: '203.0.113.7' } }, refusal)
  const url = databases.url('tickets')
  const db = openDatabase({ url, max: 1, applicationName: 'test', now: () => new Date(), newId, notify: () => {} })
  await db.tx(async (tx) => forgetCaller(tx, userId))
  await db.close()
  await audit.flush()
  const addresses = async () => {
    const found = await sql<{ actor: string; address: string | null }[]>`select actor, address from audit`
    return Object.fromEntries(found.map(({ actor, address }) => [actor, address]))
  }
  await pruneOnce(url)
  expect(await addresses()).toEqual({ [userId]: '203.0.113.7', [other]: '203.0.113.7' })
  await sql`update forgotten_callers set at = at - interval '11 minutes'`
  await pruneOnce(url)
  expect(await addresses()).toEqual({ [userId]: null, [other]: '203.0.113.7' })
  expect(await sql`select 1 from forgotten_callers`).toEqual([])
})
