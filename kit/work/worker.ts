// Runs the durable work of a service (work.ts).
//
// (a) `later` commits the work with its key and its data, in the transaction that needs it, already claimed by this
//     process.
// (b) After the commit this process runs it, first come, first served, with no transaction open. `run` commits its
//     effect together with the end of the work, or the worker records the end afterwards.
// (c) `sweep` claims what did not fit, and whatever a crash, a time-out or an error left unfinished, and runs it under
//     the same key. A dead worker's work is claimed within a second (liveness.ts). A worker also reclaims its own work
//     if it lost track of it during a database outage. The lease is the backstop; live workers renew it.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Tracer } from '@aisle/tracing/span'
import { checker } from '../check.ts'
import type { AskLater, Database, Tx } from '../db/database.ts'
import { describeFaults } from '../db/envelope.ts'
import type { Asked } from '../db/later.ts'
import type { Log } from '../log.ts'
import type { Clock } from '../time/clock.ts'
import { type Liveness, notTaken } from './liveness.ts'
import { type AnyPerformer, type Job, type Queue, type Retry, retry } from './work.ts'
import type { WorkMeters } from './work-meters.ts'

/**
 * Work that this process may hold unfinished, per place. Any more stays in the table, where the sweep finds it, so
 * memory stays level while another system is slow.
 */
const heldForEachPlace = 5
/** A stop waits no longer than this for what is under way. The next process runs it again, under the same key. */
const drainWithinMs = 10_000
/** How long a worker has for work that it has claimed. A live worker renews the lease. */
const leaseMs = 45_000
const renewEveryMs = 15_000
/**
 * If this worker claimed work this long ago but does not hold it, the database did not confirm the commit that
 * claimed it, or the one that ended it.
 */
const unheldMs = 3_000
const lookEveryMs = 500
const claimedAtOnce = 500
/** No work waits more than this much longer than a lease and its pause: a later time was written by a wrong clock. */
const slackMs = 30_000

export type Worker = {
  readonly later: AskLater
  /** The keys of the unfinished work that this process holds of a queue. */
  held(queue: Queue): string[]
  /** Whether this process holds unfinished work of a queue about a subject. */
  isHeld(queue: Queue, subject: string): boolean
  /** Resolves when this process holds no work of a queue about a subject, or after `atMostMs` milliseconds. */
  whileHeld(queue: Queue, subject: string, atMostMs: number): Promise<void>
  /** Runs the work with this service from now on. Before that, work is only accepted. */
  serve(service: unknown): void
  /** Claims and starts what is due. Resolves to the milliseconds until the next time. */
  sweep(): Promise<number>
  /** Resolves when the work under way has ended, or after 10,000 ms. Starts no more. */
  drain(): Promise<void>
}

type Row = {
  key: string
  kind: string
  subject: string
  data: never
  tries: number
  requestId: string | null
  traceparent: string | null
  createdAt: Date
}
type Lane = {
  queue: Queue
  kinds: string[]
  places: number
  /** The work that this process holds, by its key: it runs, or waits for a place. */
  held: Map<string, { subject: string; ended: Promise<void> }>
  /** How many places are taken. */
  taken: number
  waiting: (() => void)[]
  underWay: Set<Promise<unknown>>
  /** The end of the newest work about a subject, in a queue that does one at a time. */
  turns: Map<string, Promise<void>>
}

/** `performers` are all kinds of work of the service; `placesOf` tells how many of a queue run at once. */
export function createWorker(parts: {
  db: Database
  clock: Clock
  log: Log
  tracer: Tracer
  meters: WorkMeters
  liveness: Liveness
  performers: readonly AnyPerformer[]
  placesOf: (queue: Queue) => number
}): Worker {
  const { db, clock, log, tracer, meters, liveness, performers, placesOf } = parts
  const performerOf = new Map(performers.map((one) => [one.work.kind, { ...one, check: checker(one.work.data) }]))
  const lanes = [...Map.groupBy(performers, ({ work }) => work.queue)].map(
    ([queue, those]): Lane => ({
      queue,
      kinds: those.map(({ work }) => work.kind),
      places: placesOf(queue),
      held: new Map(),
      taken: 0,
      waiting: [],
      underWay: new Set(),
      turns: new Map(),
    }),
  )
  for (const lane of lanes) noteHeld(lane)
  const laneOf = new Map(lanes.flatMap((lane) => lane.kinds.map((kind) => [kind, lane])))
  let service: unknown
  let renewedAt = clock.now().getTime()
  let stopping = false

  return {
    async later(tx, { kind }, key, data, { subject = key, isDone = false } = {}) {
      const performer = performerOf.get(kind)
      if (!performer) throw new Error(`This service does no work of the kind ${kind}.`)
      const checked = performer.check(data)
      if (!checked.ok) throw new Error(`${kind} for ${key} is not as declared: ${describeFaults(checked.faults)}`)
      if (key.includes(':')) throw new Error(`${key} is not a key of work: it contains a colon.`)
      const now = clock.now()
      const prefix = `${kind}:${key}:`
      const { requestId = null, traceparent = null } = tx.origin
      const fits = !isDone && canHold(laneOf.get(kind)!)
      // The number rises only after a definitive refusal: an unknown outcome is retried under the same key.
      const [row] = await tx.sql<Row[]>`
        insert into work (key, kind, subject, data, status, tries, finished_at, taken_by, next_try_at,
          request_id, traceparent, created_at)
        select ${prefix} || (1 + coalesce(max(split_part(key, ':', 3)::int), 0)), ${kind}, ${subject},
          ${JSON.stringify(data)}::text::jsonb, ${isDone ? 'done' : 'pending'}, ${isDone ? 1 : 0}::int,
          ${isDone ? now : null}::timestamptz, ${fits ? liveness.worker : null}::int,
          ${fits ? after(now, leaseMs) : now},
          ${requestId}, ${traceparent}, ${now}
        from work where subject = ${subject} and starts_with(key, ${prefix}) and status = 'failed'
        on conflict on constraint work_pkey do nothing
        returning key, kind, subject, data, tries, request_id, traceparent, created_at`
      if (!row) return null
      const { promise, resolve } = Promise.withResolvers<void>()
      tx.afterCommit(() => {
        if (isDone) meters.outcomes.inc({ kind, outcome: 'done' })
        if (fits) void start(row).then(resolve)
        else resolve()
      })
      return { key: row.key, attempted: promise }
    },
    held: (queue) => [...(lanes.find((lane) => lane.queue === queue)?.held.keys() ?? [])],
    isHeld: (queue, subject) => heldAbout(queue, subject).length > 0,
    async whileHeld(queue, subject, atMostMs) {
      const own = heldAbout(queue, subject)
      if (own.length > 0) await within(atMostMs, Promise.all(own.map(({ ended }) => ended)))
    },
    serve(given) {
      service = given
    },
    async sweep() {
      if (stopping) return lookEveryMs
      await liveness.confirm()
      const now = clock.now()
      await renewLeases(now)
      const due = await claim(now)
      for (const row of due.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())) void start(row)
      const isMore = ({ kinds, places }: Lane) => due.filter(({ kind }) => kinds.includes(kind)).length >= places
      return lanes.some(isMore) ? 0 : lookEveryMs
    },
    async drain() {
      stopping = true
      await within(drainWithinMs, Promise.allSettled(lanes.flatMap(({ underWay }) => [...underWay])))
    },
  }

  function heldAbout(queue: Queue, subject: string) {
    const held = [...(lanes.find((lane) => lane.queue === queue)?.held.values() ?? [])]
    return held.filter((one) => one.subject === subject)
  }

  /** Work beyond this stays in the table. Nothing is held before the service is there, or after a stop. */
  function canHold({ held, places }: Lane): boolean {
    return service !== undefined && !stopping && held.size < heldForEachPlace * places
  }

  function noteHeld({ queue, held }: Lane): void {
    meters.held.set({ queue: queue.name }, held.size)
  }

  /** Runs claimed work as soon as a place is free. What is not run stays in the table. */
  async function start(row: Row): Promise<void> {
    const lane = laneOf.get(row.kind)!
    if (lane.held.has(row.key) || !canHold(lane)) return
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    lane.held.set(row.key, { subject: row.subject, ended })
    noteHeld(lane)
    let following: Asked | null = null
    const turn = await takeTurn(lane, row.subject)
    try {
      await takePlace(lane)
      try {
        // Work not started before a stop stays pending; the next start finds it.
        if (stopping) return
        const run = attempt(row, lane.queue)
        lane.underWay.add(run)
        following = await run.finally(() => lane.underWay.delete(run))
      } finally {
        freePlace(lane)
      }
    } finally {
      turn.end()
      end()
      lane.held.delete(row.key)
      noteHeld(lane)
    }
    // The place is free by now: what follows may need it.
    await following?.attempted
  }

  async function takePlace(lane: Lane): Promise<void> {
    if (lane.taken < lane.places) lane.taken++
    else await new Promise<void>((go) => lane.waiting.push(go))
  }

  /** Hands the place to the next in line, or leaves it free. */
  function freePlace(lane: Lane): void {
    const next = lane.waiting.shift()
    if (next) next()
    else lane.taken--
  }

  /** Waits for earlier work about the same subject, in a queue that does one at a time. */
  async function takeTurn({ queue, turns }: Lane, subject: string): Promise<{ end(): void }> {
    if (!queue.oneBySubject) return { end() {} }
    const before = turns.get(subject)
    const { promise, resolve } = Promise.withResolvers<void>()
    turns.set(subject, promise)
    await before
    return {
      end() {
        resolve()
        if (turns.get(subject) === promise) turns.delete(subject)
      },
    }
  }

  /** Claims what is due in all queues, as far as there is room for it. */
  async function claim(now: Date): Promise<Row[]> {
    const wanted = lanes.map(({ kinds, places, held, queue: { firstPauseMs, longestPauseMs } }) => ({
      kinds,
      room: Math.max(0, Math.min(claimedAtOnce, heldForEachPlace * places - held.size)),
      first_pause: firstPauseMs,
      longest_pause: longestPauseMs,
    }))
    const held = lanes.flatMap((lane) => [...lane.held.keys()])
    return db.sql<Row[]>`
      update work set taken_by = ${liveness.worker}, next_try_at = ${after(now, leaseMs)}
      where key = any (array(
        select due.key from jsonb_to_recordset(${JSON.stringify(wanted)}::text::jsonb)
          as lane (kinds text[], room int, first_pause float8, longest_pause float8),
        lateral (
          select key from work
          where status = 'pending' and kind = any(lane.kinds)
            and (next_try_at <= ${now}
              or next_try_at > ${after(now, leaseMs + slackMs)}::timestamptz + interval '1 millisecond'
                * least(lane.first_pause * power(2, least(tries, 30)), lane.longest_pause)
              or (taken_by is not null and ${notTaken(db.sql)})
              or (taken_by = ${liveness.worker} and next_try_at <= ${after(now, leaseMs - unheldMs)}
                and key <> all (${held})))
          order by created_at limit lane.room for update skip locked) due))
      returning key, kind, subject, data, tries, request_id, traceparent, created_at`
  }

  async function renewLeases(now: Date): Promise<void> {
    const held = lanes.flatMap((lane) => [...lane.held.keys()])
    if (held.length === 0 || now.getTime() - renewedAt < renewEveryMs) return
    renewedAt = now.getTime()
    await db.sql`
      update work set next_try_at = ${after(now, leaseMs)}
      where key = any(${held}) and status = 'pending' and taken_by = ${liveness.worker}`
  }

  /** Runs the work once. Resolves to the work that follows from it, never rejects. */
  async function attempt(row: Row, queue: Queue): Promise<Asked | null> {
    const { key, kind, subject } = row
    const span = tracer.startSpan(`${queue.peer ?? 'work'} ${kind}`, {
      kind: queue.peer ? 'client' : 'internal',
      parent: row.traceparent,
      attributes: {
        ...(queue.peer ? { 'peer.service': queue.peer } : {}),
        'aisle.work': key,
        [`aisle.${queue.subject ?? 'subject'}`]: subject,
        ...(row.tries > 0 ? { 'aisle.tries': row.tries } : {}),
      },
    })
    let isRecorded = false
    const end = (tx: Tx, status: 'done' | 'failed', error: string | null) => {
      tx.send(recordEnd(tx.sql, key, status, error))
      tx.afterCommit(() => {
        isRecorded = true
        meters.outcomes.inc({ kind, outcome: status })
      })
    }
    const job: Job = {
      key,
      number: Number(key.slice(key.lastIndexOf(':') + 1)),
      subject,
      data: row.data,
      tries: row.tries,
      askedAt: row.createdAt,
      origin: { requestId: row.requestId, traceparent: span.traceparent },
      done: (tx) => end(tx, 'done', null),
      failed: (tx, why) => end(tx, 'failed', why.slice(0, 500)),
    }
    try {
      const outcome = await runOnce(row, job)
      if (outcome && 'error' in outcome) {
        span.fail(outcome.error)
        await runAgain(row, queue, outcome)
        return null
      }
      if (!isRecorded) {
        await recordEnd(db.sql, key, 'done', null)
        meters.outcomes.inc({ kind, outcome: 'done' })
      }
      return outcome
    } catch (error) {
      // Without a database the work stays claimed, and this process claims it again.
      span.fail(error)
      log.error({ err: error, work: key }, 'the end of work could not be recorded')
      return null
    } finally {
      span.end()
    }

    /** What `run` resolves to. An error after the end was recorded changes nothing; before it, the work is retried. */
    async function runOnce({ data }: Row, job: Job): Promise<Retry | Asked | null> {
      try {
        const { check, run } = performerOf.get(kind)!
        const checked = check(data)
        if (!checked.ok) throw new Error(`${key} is not as declared: ${describeFaults(checked.faults)}`)
        return (await run(job, service)) ?? null
      } catch (thrown) {
        const error = thrown instanceof Error ? thrown : new Error(String(thrown))
        log.error({ err: error, work: key }, 'work could not be finished')
        if (!isRecorded) return retry(error)
        span.fail(error)
        return null
      }
    }
  }

  async function runAgain(row: Row, queue: Queue, { error, nextKey }: Retry): Promise<void> {
    const { key, kind, tries } = row
    const now = clock.now()
    if (queue.giveUpAfterMs !== null && now.getTime() - row.createdAt.getTime() > queue.giveUpAfterMs) {
      log.error({ err: error, work: key, tries: tries + 1 }, 'work was given up; see "npm run messages"')
      await recordEnd(db.sql, key, 'dead', error.message.slice(0, 500))
      meters.outcomes.inc({ kind, outcome: 'dead' })
      return
    }
    // Work that is never given up would otherwise fail in silence.
    const level = queue.giveUpAfterMs === null ? 'warn' : 'debug'
    log[level]({ err: error, work: key, tries: tries + 1, nextKey }, 'work has no outcome yet and is run again')
    meters.outcomes.inc({ kind, outcome: 'retried' })
    const next = after(now, Math.min(queue.firstPauseMs * 2 ** tries, queue.longestPauseMs))
    if (nextKey) return await askAgain(row, error, next)
    await db.sql`
      update work set tries = tries + 1, error = ${error.message.slice(0, 500)}, taken_by = null, next_try_at = ${next}
      where key = ${key} and status = 'pending' and taken_by = ${liveness.worker}`
  }

  /** Ends the work as failed and asks for it under the next key. The number tells `run` that there was another one. */
  async function askAgain({ key, tries }: Row, error: Error, next: Date): Promise<void> {
    const nextKey = key.replace(/\d+$/, (number) => String(Number(number) + 1))
    await db.tx(async (tx) => {
      tx.send(tx.sql`
        insert into work (key, kind, subject, data, tries, next_try_at, request_id, traceparent, created_at)
        select ${nextKey}, kind, subject, data, ${tries + 1}, ${next}, request_id, traceparent, created_at
        from work where key = ${key} and status = 'pending'
        on conflict on constraint work_pkey do nothing`)
      tx.send(recordEnd(tx.sql, key, 'failed', error.message.slice(0, 500)))
    })
  }

  function recordEnd(sql: Database['sql'], key: string, status: 'done' | 'failed' | 'dead', error: string | null) {
    return sql`
      update work set status = ${status}, tries = tries + 1, error = ${error}, taken_by = null,
        finished_at = ${clock.now()}
      where key = ${key} and status = 'pending'`
  }
}

const after = (time: Date, ms: number): Date => new Date(time.getTime() + ms)

/** Waits for `work`, but no longer than `ms` milliseconds. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController()
  await Promise.race([work, sleep(ms, undefined, { signal: over.signal }).catch(() => {})])
  over.abort()
}
