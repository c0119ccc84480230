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
  expect(await db.tx((tx) => first.save(tx, ahead))).toBe(true)
  expect(await db.tx((tx) => second.save(tx, behind))).toBe(false)
  expect(await second.saveAlone(behind)).toBe(false)
  // After it is read again, it moves on from there.
  expect(await second.read()).toMatchObject(ahead)
  expect(await second.saveAlone(at(12))).toBe(true)
})
