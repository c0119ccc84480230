// Writes the state of every thing of a service to its outbox again: for a listener that is new or has lost its
// database, and must know more than the outbox still keeps. Mirrors take a state only if it is newer than theirs,
// and everything that a message causes is harmless when the message is published again.

import type { Message } from '@aisle/contracts/message'
import type { Database, Sql } from '../db/database.ts'
import { inDatabase } from '../db/in-database.ts'

/** One thing as it is now: the message that carries its state to others. */
export type Stated = { readonly id: string; readonly message: Message; readonly data: unknown }

/**
 * One page of the things of one kind, by id: those after `after`, at most `limit`. Every page but the last is full.
 * Null leaves a thing out.
 */
export type SnapshotPart = (
  sql: Sql,
  page: { after: string; limit: number },
) => Promise<readonly (Stated | { readonly id: string; readonly message: null })[]>

const thingsAtOnce = 500
const beforeAll = '00000000-0000-0000-0000-000000000000'

/**
 * Emits all of `parts`, page by page, so that no transaction holds the message log back. Resolves to the number of
 * messages.
 */
export async function saySnapshot(db: Database, parts: readonly SnapshotPart[]): Promise<number> {
  let count = 0
  for (const part of parts) {
    for (let after = beforeAll; ; ) {
      const things = await db.tx(
        async (tx) => {
          const page = await part(tx.sql, { after, limit: thingsAtOnce })
          for (const { id, ...stated } of page) if (stated.message) tx.emit(stated.message, id, stated.data as never)
          return page
        },
        { isSnapshot: true },
      )
      count += things.filter(({ message }) => message).length
      const last = things.at(-1)
      if (!last || things.length < thingsAtOnce) break
      after = last.id
    }
  }
  return count
}

/** Like `saySnapshot`, for a service's database at `url`, whether the service runs or not. */
export const snapshotOf = (url: string, name: string, parts: readonly SnapshotPart[]): Promise<number> =>
  inDatabase(url, `${name} snapshot`, (db) => saySnapshot(db, parts))
