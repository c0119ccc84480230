// What only one replica of a service may do at a time. The leader of a role holds an advisory lock for as long as its connection stands; PostgreSQL
// lets go of it the moment the process dies, also by kill -9, and the next one to ask becomes the leader. A leader that has lost its connection
// without knowing may go on for a moment: whatever it does must be refused by what it does it to.

import { connect, keepalives } from '../db/connect.ts'

/** First key of the locks; the second is the role. Another class than that of presence.ts. */
const lockClass = 1_634_300_013
const askEveryMs = 500

export type Leadership = {
  /** Whether this process leads; asks for it again at most every half second. */
  leads(role: string): Promise<boolean>
  /** Lets go of everything. */
  close(): Promise<void>
}

/** Stands for every role in the service's own database. It needs a connection of its own that no pooler shares. */
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
    async leads(role) {
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
