// Two replicas read one outbox: the position moves once, whichever moves it.

import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { openDatabase } from '../db/database.ts'
import { cloneDatabases, type TestDatabases } from '../testing/databases.ts'
import { newId } from '../time/ids.ts'
import { createCursor } from './cursor.ts'

let databases: TestDatabases
let db: ReturnType<typeof openDatabase>
beforeAll(async () => {
  databases = await cloneDatabases(inject('postgres'), ['alpha'])
  db = openDatabase({
    url: databases.url('alpha'),
    max: 4,
    applicationName: 'cursor',
    now: () => new Date(),
    newId,
    notify: () => {},
  })
})
afterAll(async () => {
  await db?.close()
  await databases?.[Symbol.asyncDispose]()
})

const at = (n: number) => ({ xid: String(n), seq: String(n), messageId: newId() })

it('does not move a cursor that another replica has moved', async () => {
  const [first, second] = [createCursor(db.sql, 'beta'), createCursor(db.sql, 'beta')]
  await Promise.all([first.read(), second.read()])
  const [behind, ahead] = [at(5), at(9)]
  const [one, two] = [newId(), newId()]
  expect(await db.tx((tx) => first.save(tx, ahead, [one]))).toEqual(new Set([one]))
  expect(await db.tx((tx) => second.save(tx, behind, [two]))).toBe(null)
  expect(await second.saveAlone(behind)).toBe(false)
  // After it is read again, it moves on from there.
  expect(await second.read()).toMatchObject(ahead)
  expect(await second.saveAlone(at(12))).toBe(true)
})

it('tells which messages it records for the first time', async () => {
  const cursor = createCursor(db.sql, 'gamma')
  const [one, two, three] = [newId(), newId(), newId()]
  const save = (to: ReturnType<typeof at>, ids: string[]) => db.tx((tx) => cursor.save(tx, to, ids))
  expect(await save(at(1), [one, one])).toEqual(new Set([one]))
  expect(await save(at(2), [one, two])).toEqual(new Set([two]))
  expect(await save(at(3), [])).toEqual(new Set())
  const other = createCursor(db.sql, 'gamma')
  expect(await db.tx((tx) => other.save(tx, at(1), [three]))).toBe(null)
  expect(await save(at(4), [three])).toEqual(new Set([three]))
})

it('fails the commit when a blind move finds another cursor, or a message that was consumed before', async () => {
  const cursor = createCursor(db.sql, 'delta')
  const [one, two] = [newId(), newId()]
  const blindly = (of: typeof cursor, to: ReturnType<typeof at>, ids: string[]) =>
    db.tx(async (tx) => {
      of.saveBlindly(tx, to, ids)
      tx.send(tx.sql`insert into rate_counts (key, count, ends_at) values (${newId()}, 1, now())`)
    })
  const written = async () => (await db.sql`select from rate_counts`).length
  await blindly(cursor, at(1), [one])
  expect(await written()).toBe(1)
  const refusal = 'taken by another replica, or consumed before'
  await expect(blindly(cursor, at(2), [one, two])).rejects.toThrow(refusal)
  await expect(blindly(createCursor(db.sql, 'delta'), at(2), [two])).rejects.toThrow(refusal)
  expect(await written()).toBe(1)
  await blindly(cursor, at(2), [two])
  expect(await written()).toBe(2)
})
