import { newId } from '../time/ids.ts'
import { type Database, openDatabase } from './database.ts'

/**
 * Opens a service's database at `url` for `work`, whether the service runs or not. What `work` emits is published by
 * the service.
 */
export async function inDatabase<T>(
  url: string,
  applicationName: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = openDatabase({ url, max: 1, applicationName, now: () => new Date(), newId, notify: () => {} })
  try {
    const result = await work(db)
    await db.sql`select pg_notify('outbox', '')`
    return result
  } finally {
    await db.close()
  }
}
