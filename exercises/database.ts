// The fixture of the exercises: a real database with the tables of the kit, for each test a new one.

import { readFileSync } from 'node:fs'
import type { Data, Envelope, Message } from '@aisle/contracts/message'
import { type Database, openDatabase } from '@aisle/kit/db/database'
import { cloneDatabases } from '@aisle/kit/testing/databases'
import { newId } from '@aisle/kit/time/ids'
import { afterEach, beforeEach, inject } from 'vitest'

/** Opens a database with these additional `tables` for each test; the returned function gives that of the test. */
export function exerciseDatabase(tables: string): () => Database {
  let db: Database
  let close: () => Promise<void>
  beforeEach(async () => {
    const databases = await cloneDatabases(inject('postgres'), ['alpha'])
    const url = databases.url('alpha')
    db = openDatabase({ url, max: 4, applicationName: 'exercise', now: () => new Date(), newId, notify: () => {} })
    close = async () => {
      await db.close()
      await databases[Symbol.asyncDispose]()
    }
    await db.sql.unsafe(tables)
  })
  afterEach(() => close())
  return () => db
}

/** The recorded example of a message. */
export function golden<M extends Message>({ type }: M): Envelope<Data<M>> {
  const file = new URL(`../contracts/golden/${type.replace(':', '-')}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** The file that is checked: `mine`, `solution`, or what everyone begins with. */
export const checked = `./${process.env.EXERCISE ?? 'start'}.ts`
