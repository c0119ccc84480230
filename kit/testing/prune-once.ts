import { prune } from '../boot/prune.ts'
import { openDatabase } from '../db/database.ts'
import { newId } from '../time/ids.ts'

/** Prunes the database at `url` once; resolves as `prune` does. */
export async function pruneOnce(url: string): Promise<number> {
  const db = openDatabase({ url, max: 1, applicationName: 'test', now: () => new Date(), newId, notify: () => {} })
  try {
    return await prune(db)
  } finally {
    await db.close()
  }
}
