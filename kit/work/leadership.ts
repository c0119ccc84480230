// Leader election for work that only one replica of a service may do at a time. The leader of a role holds an
// advisory lock for as long as its connection lives. PostgreSQL releases it the moment the process dies, even by
// kill -9, and the next replica that asks becomes the leader. A leader that has lost its connection unknowingly may
// go on for a moment, so whatever it writes to must be able to refuse it.

import { connect, keepalives } from '../db/connect.ts'

/** First key of the locks; the second is the role. Different from the class of liveness.ts. */
const lockClass = 1_634_300_013
const askEveryMs = 500

export type Leadership = {
  /** Whether this process leads; tries to become the leader at most every half second. */
  isLeader(role: string): Promise<boolean>
  /** Gives up all roles. */
  close(): Promise<void>
}

/**
 * Takes part in the election for every role in the service's own database. It needs its own connection, which no
 * pooler shares.
 */
export function openLeadership(url: string, applicationName: string): Leadership {
  const held = new Set<string>()
  const askedAt = new Map<string, number>()
  const sql = connect(url, {
    max: 1,
    answerWithinMs: 10_000,
    idle_timeout: 0,
    max_lifetime: null,
    connection: { application_name: `${applicationName} leadership`, ...keepalives },
    onclose: () => held.clear(),
  })
  return {
    async isLeader(role) {
      if (held.has(role)) return true
      const now = performance.now()
      if (now - (askedAt.get(role) ?? Number.NEGATIVE_INFINITY) < askEveryMs) return false
      askedAt.set(role, now)
      const [lock] = await sql<{ taken: boolean }[]>`
        select pg_try_advisory_lock(${lockClass}::int, hashtext(${role})) as taken`
      if (lock?.taken) held.add(role)
      return lock?.taken ?? false
    },
    close: () => sql.end({ timeout: 2 }),
  }
}
