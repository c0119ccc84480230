import { message } from '@aisle/contracts/message'
import { Id, Type } from '@aisle/contracts/schema'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { cloneDatabases, type TestDatabases } from '../testing/databases.ts'
import { newId } from '../time/ids.ts'
import { type Database, openDatabase, Rollback, type Tx, violates } from './database.ts'

const Happened = message('alpha' as 'auth', 'note:happened', 'A note.', Type.Object({ id: Id, n: Type.Integer() }))

let databases: TestDatabases
let db: Database
let announced: number

beforeEach(async () => {
  databases = await cloneDatabases(inject('postgres'), ['alpha'])
  announced = 0
  db = openDatabase({
    url: databases.url('alpha'),
    max: 4,
    applicationName: 'test',
    now: () => new Date('2026-05-01T12:00:00Z'),
    newId,
    notify: () => {
      announced++
    },
  })
  await db.sql`create table notes (n integer not null, constraint notes_pkey primary key (n))`
})
afterEach(async () => {
  await db.close()
  await databases[Symbol.asyncDispose]()
})

const written = async () => (await db.sql<{ n: number }[]>`select n from notes order by n`).map(({ n }) => n)
const said = async () =>
  (await db.sql<{ n: number }[]>`select (message #>> '{data,n}')::int as n from outbox order by xid, seq`).map(
    ({ n }) => n,
  )
const nothingHappened = async () => expect([await written(), await said(), announced]).toEqual([[], [], 0])

describe('a transaction that commits', () => {
  it('publishes what it has emitted, in order, with the request that caused it [M1]', async () => {
    const id = newId()
    const result = await db.tx(
      async (tx) => {
        await tx.sql`insert into notes values (1)`
        tx.emit(Happened, id, { id, n: 1 })
        tx.emit(Happened, id, { id, n: 2 })
        return 'done'
      },
      { requestId: 'request-1' },
    )
    expect(result).toBe('done')
    expect([await written(), await said(), announced]).toEqual([[1], [1, 2], 1])
    const [row] = await db.sql<{ message: unknown }[]>`select message from outbox limit 1`
    expect(row?.message).toMatchObject({
      specversion: '1.0',
      source: '/aisle/alpha',
      subject: id,
      requestid: 'request-1',
    })
  })

  it('announces nothing when it has emitted nothing', async () => {
    await db.tx(async (tx) => {
      await tx.sql`insert into notes values (1)`
    })
    expect([await written(), announced]).toEqual([[1], 0])
  })

  it('runs sent statements in their place, and what waits for the commit after it', async () => {
    const seen: unknown[] = []
    await db.tx(async (tx) => {
      tx.send(tx.sql`insert into notes values (1)`)
      tx.afterCommit(() => seen.push('committed'))
      seen.push((await tx.sql`select n from notes`).length)
    })
    expect(seen).toEqual([1, 'committed'])
  })
})

describe('a transaction that does not commit', () => {
  it('publishes nothing and calls nothing when its work throws [M2]', async () => {
    let called = false
    const work = db.tx(async (tx) => {
      await tx.sql`insert into notes values (1)`
      tx.emit(Happened, newId(), { id: newId(), n: 1 })
      tx.afterCommit(() => {
        called = true
      })
      throw new Error('on the way')
    })
    await expect(work).rejects.toThrow('on the way')
    expect(called).toBe(false)
    await nothingHappened()
  })

  it('resolves to the value of a deliberate rollback', async () => {
    const result = await db.tx(async (tx) => {
      await tx.sql`insert into notes values (1)`
      tx.emit(Happened, newId(), { id: newId(), n: 1 })
      throw new Rollback('refused')
    })
    expect(result).toBe('refused')
    await nothingHappened()
  })

  it('has no effect at all when a sent statement fails, and rejects with its error', async () => {
    let called = false
    const work = db.tx(async (tx) => {
      await tx.sql`insert into notes values (1)`
      tx.send(tx.sql`insert into notes values (1)`)
      tx.emit(Happened, newId(), { id: newId(), n: 1 })
      tx.afterCommit(() => {
        called = true
      })
    })
    const error = await work.catch((reason: unknown) => reason)
    expect(violates(error, 'notes_pkey')).toBe(true)
    expect(called).toBe(false)
    await nothingHappened()
  })

  it('fails when the error of a statement was swallowed: nothing is silently left uncommitted', async () => {
    const work = db.tx(async (tx) => {
      await tx.sql`insert into notes values (1)`
      await tx.sql`insert into notes values (1)`.catch(() => {})
    })
    await expect(work).rejects.toThrow('rolled back')
    await nothingHappened()
  })

  it('writes nothing when a message does not match its declaration [M15]', async () => {
    const work = db.tx(async (tx) => {
      await tx.sql`insert into notes values (1)`
      tx.emit(Happened, newId(), { id: 'nonsense', n: 1 })
    })
    await expect(work).rejects.toThrow('note:happened')
    await nothingHappened()
  })

  it('leaves its connection fit for the next one', async () => {
    for (let n = 0; n < 20; n++) {
      await db.tx(async (tx) => tx.send(tx.sql`insert into notes values (null)`)).catch(() => {})
      await db.tx(async (tx) => tx.sql`insert into notes values (${n})`)
    }
    expect((await written()).length).toBe(20)
  })
})

describe('a table that is migrated while transactions use it', () => {
  const all = (other: 'a' | 'b') => async (tx: Tx) => {
    const id = newId()
    tx.emit(Happened, id, { id, n: 1 })
    const rows = [...(await tx.sql`select * from notes`), ...(await tx.sql`select * from notes where 'b' = ${other}`)]
    return Object.keys(rows[0] ?? {})
  }

  it('is seen in its new form by the next transaction, which emits its messages once', async () => {
    await db.sql`insert into notes values (1)`
    for (const other of ['a', 'b'] as const) expect(await db.tx(all(other))).toEqual(['n'])
    await db.sql`alter table notes add column more text`
    expect(await db.tx(all('b'))).toEqual(['n', 'more'])
    expect([await said(), announced]).toEqual([[1, 1, 1], 3])
  })
})
