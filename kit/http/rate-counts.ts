// Request counts per client, aggregated across replicas. Calls are counted in memory, so that no request waits. The
// counts of clients that come near a limit are added up twice a second in one table. In between, a client may make
// as many extra calls as fit into half a second.

import type { Sql } from '../db/database.ts'

const shareEveryMs = 500
/** A client below this fraction of its limit is not worth a row. */
const worthSharing = 0.1
/** A window that ends this much later than one that begins now stems from a clock that was wrong. */
const slack = '30 seconds'
/** Maximum number of remembered clients; the oldest one is dropped. */
const most = 50_000

type Count = {
  /** Calls that all replicas know of. */
  shared: number
  /** Calls that the other replicas do not know of yet. */
  own: number
  /** When counting starts again, in milliseconds of performance.now(). */
  endsAt: number
  isNear: boolean
}
type Answer = (error: null, result: { current: number; ttl: number }) => void

export type RateCounts = {
  /** For `store` of @fastify/rate-limit. */
  readonly Store: new () => RateStore
  /**
   * Counts one more for `key`, in windows of `windowMs`. Counts that come near `max` are shared with the other
   * replicas.
   */
  add(key: string, windowMs: number, max: number): void
  /** The count of `key` in its current window, and the milliseconds until the window ends. */
  read(key: string): { current: number; ttl: number }
  /** Exchanges counts with the other replicas; resolves to the milliseconds until the next time. */
  share(): Promise<number>
}
/** The interface that @fastify/rate-limit asks for. */
type RateStore = {
  incr(key: string, answer: Answer, timeWindowMs: number, max: number): void
  child(options: object): RateStore
}

/** The counts of this replica, shared through the database behind `sql`. Call `share` about every half second. */
export function createRateCounts(sql: Sql): RateCounts {
  const counts = new Map<string, Count>()

  function count(key: string, windowMs: number, max: number): { current: number; ttl: number } {
    const now = performance.now()
    let entry = counts.get(key)
    if (!entry || entry.endsAt <= now) {
      entry = { shared: 0, own: 0, endsAt: now + windowMs, isNear: false }
      counts.delete(key)
      counts.set(key, entry)
      const [oldest] = counts.keys()
      if (counts.size > most && oldest !== undefined) counts.delete(oldest)
    }
    entry.own++
    const current = entry.shared + entry.own
    entry.isNear ||= current >= max * worthSharing
    return { current, ttl: Math.ceil(entry.endsAt - now) }
  }

  const storeOf = (scope: string): RateStore => ({
    incr: (key, answer, windowMs, max) => answer(null, count(`${scope}${key}`, windowMs, max)),
    child: (options) => {
      // The types omit it: beside the options there is the route.
      const { routeInfo } = options as { routeInfo?: { method?: string | string[]; url?: string } }
      return storeOf(`${routeInfo?.method} ${routeInfo?.url} `)
    },
  })

  return {
    Store: class implements RateStore {
      incr = storeOf('').incr
      child = storeOf('').child
    },
    add: count,
    read(key) {
      const entry = counts.get(key)
      const ttl = entry ? entry.endsAt - performance.now() : 0
      return entry && ttl > 0 ? { current: entry.shared + entry.own, ttl: Math.ceil(ttl) } : { current: 0, ttl: 0 }
    },
    async share() {
      const now = performance.now()
      // In the same order everywhere, so that replicas cannot deadlock.
      const told = [...counts].filter(([, { own, isNear, endsAt }]) => isNear && own > 0 && endsAt > now).sort()
      if (told.length > 0) {
        const owns = told.map(([, { own }]) => own)
        const rows = await sql<{ key: string; count: number; leftMs: number }[]>`
          insert into rate_counts as r (key, count, ends_at)
          select key, count, clock_timestamp() + left_ms * interval '1 millisecond'
          from unnest(${told.map(([key]) => key)}::text[], ${owns}::int[],
            ${told.map(([, { endsAt }]) => endsAt - now)}::float8[]) t (key, count, left_ms)
          on conflict on constraint rate_counts_pkey do update
            set count = excluded.count
                  + case when r.ends_at > clock_timestamp()
                      and not r.ends_at > excluded.ends_at + ${slack}::text::interval
                    then r.count else 0 end,
                ends_at = case when r.ends_at > clock_timestamp()
                    and not r.ends_at > excluded.ends_at + ${slack}::text::interval
                  then r.ends_at else excluded.ends_at end
          returning key, count, (1000 * extract(epoch from ends_at - clock_timestamp()))::float8 as left_ms`
        const known = new Map(rows.map((row) => [row.key, row]))
        told.forEach(([key, entry], index) => {
          entry.own -= owns[index] ?? 0
          entry.shared = known.get(key)?.count ?? entry.shared
          entry.endsAt = performance.now() + (known.get(key)?.leftMs ?? 0)
        })
      }
      for (const [key, { endsAt }] of counts) if (endsAt <= now) counts.delete(key)
      return shareEveryMs
    },
  }
}
