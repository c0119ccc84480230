// Leader election and liveness use session locks, and LISTEN belongs to a session. A pooler that gives every
// transaction another server connection loses them silently, and two replicas lead. So such a URL is refused before
// anything relies on it.

import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../config.ts'
import { openClient } from './client.ts'

/** One check finds a pooler that has a connection free; more checks find one that has many. */
const looks = 5
const betweenLooksMs = 2

const pidOf = async (sql: { unsafe: ReturnType<typeof openClient>['unsafe'] }): Promise<number> => {
  const [row] = await sql.unsafe<{ pid: number }[]>('select pg_backend_pid() as pid')
  return row!.pid
}

/**
 * Checks that a connection to `url` always reaches the same server connection, even while another client has a
 * transaction open.
 * @throws {ConfigError} it does not; or whatever connecting throws
 */
export async function refusePooler(url: string): Promise<void> {
  const [ours, other] = [openClient(url, { max: 1 }), openClient(url, { max: 1 })]
  try {
    const [pid, theirs] = [await pidOf(ours), await pidOf(other)]
    for (let look = 0; look < looks; look++) {
      const isKept = await other.begin(async (tx) => (await pidOf(tx)) === theirs && (await pidOf(ours)) === pid)
      if (!isKept || pid === theirs)
        throw new ConfigError(
          'DATABASE_URL leads to a pooler that gives each transaction another connection (PgBouncer in transaction mode, RDS Proxy, the pooled address of a managed database). Set it to the server itself, or to a pooler in session mode.',
        )
      if (look < looks - 1) await sleep(betweenLooksMs)
    }
  } finally {
    await Promise.all([ours.end({ timeout: 1 }), other.end({ timeout: 1 })])
  }
}
