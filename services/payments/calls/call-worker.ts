// Every request that changes something at the provider goes through here.
//
// (a) `plan` commits the call with its key and frozen parameters, in the transaction that decided on it.
// (b) `perform` makes it with no transaction open, and (c) commits the result under the payment's lock (this folder).
//
// The planner does (b) and (c) right after its commit, first come, first served. The sweeper retries whatever a crash,
// a time-out or a 5xx left unfinished, with the same key, so the provider executes it once. A dead worker's calls are
// reclaimed within a second (presence.ts). A worker also reclaims its own calls if it lost track of them during a
// database outage. The lease is the backstop; live workers renew it.

import { setTimeout as sleep } from 'node:timers/promises'
import { notTaken, type Presence } from '@aisle/kit/work/presence'
import type { CallContext, CallWorker, ProviderCall } from '../call.ts'
import { KeySpent } from '../stripe/client.ts'
import { carryOut } from './carry-out.ts'

/**
 * Calls this process may hold unfinished, per concurrency slot. Any more stay in the table, where the sweeper
 * finds them, so memory stays level while the provider is slow.
 */
const heldForEachPlace = 5
/** A stop waits no longer than this for responses. The next process retries what is unfinished, with the same key. */
const drainWithinMs = 10_000
/** From this many on, a call may have to wait for the provider's rate limit. */
const crowd = 4
/** How long a worker has for a call it has taken. A live worker renews the lease. */
const leaseMs = 45_000
const renewEveryMs = 15_000
/**
 * If this worker took a call this long ago but does not hold it, the database did not confirm the commit that
 * took it, or the one that ended it.
 */
const unheldMs = 3_000
const lookEveryMs = 500
const takenAtOnce = 500
const longestPauseMs = 60_000
const backoffMs = (tries: number) => Math.min(500 * 2 ** tries, longestPauseMs)
/** No call waits longer than this: a later time was written by a clock that was wrong. */
const furthestMs = longestPauseMs + 30_000

export function createCallWorker(
  parts: Pick<CallContext, 'service' | 'provider' | 'meters'> & { presence: Presence },
): CallWorker & { readonly context: CallContext } {
  const { service, provider, meters, presence } = parts
  const { db, clock, log, tracer, config } = service
  const places = config.PROVIDER_CALLS_AT_ONCE
  const mostHeld = heldForEachPlace * places
  const underWay = new Set<Promise<void>>()
  const queue: { call: ProviderCall; go: () => void }[] = []
  const held = new Set<string>()
  let renewedAt = clock.now().getTime()
  let stopping = false

  const worker: CallWorker = {
    async plan(tx, { payment, refundId = null, op, paymentId, params }, now) {
      const subject = params.intentId ?? refundId ?? paymentId
      // The number rises only after a definitive refusal: an unknown outcome is retried under the same key.
      const [planned] = await tx.sql<ProviderCall[]>`
        insert into provider_calls (key, op, payment_id, refund_id, params, taken_by, next_try_at, traceparent,
          created_at)
        select ${`${op}:${subject}:`} || (1 + count(*)), ${op}, ${paymentId}, ${refundId},
          ${JSON.stringify(params)}::text::jsonb, ${presence.worker}, ${new Date(now.getTime() + leaseMs)},
          ${tx.origin.traceparent ?? null}, ${now}
        from provider_calls where payment_id = ${paymentId} and key like ${`${op}:${subject}:%`} and status = 'failed'
        on conflict on constraint provider_calls_pkey do nothing
        returning key, op, payment_id, refund_id, params, tries, traceparent, created_at`
      if (!planned) return null
      return payment ? { ...planned, payment } : planned
    },
    async perform(call) {
      // Calls not started before a stop stay planned; the next start finds them.
      if (stopping || held.has(call.key) || held.size >= mostHeld) return
      held.add(call.key)
      meters.held.set(held.size)
      try {
        if (underWay.size >= places) {
          const { promise, resolve } = Promise.withResolvers<void>()
          queue.push({ call, go: resolve })
          await promise
          if (stopping) return
        }
        const run = performOnce(call).finally(() => {
          underWay.delete(run)
          queue.shift()?.go()
        })
        underWay.add(run)
        await run
      } finally {
        held.delete(call.key)
        meters.held.set(held.size)
      }
    },
    async sweep() {
      if (stopping) return lookEveryMs
      await presence.confirm()
      const now = clock.now()
      await renewLeases(now)
      const room = Math.min(takenAtOnce, mostHeld - held.size)
      if (room <= 0) return lookEveryMs
      const due = await db.sql<ProviderCall[]>`
        update provider_calls set taken_by = ${presence.worker}, next_try_at = ${new Date(now.getTime() + leaseMs)}
        where key = any (array(
          select key from provider_calls
          where status = 'pending' and (next_try_at <= ${now} or next_try_at > ${new Date(now.getTime() + furthestMs)}
            or (taken_by is not null and ${notTaken(db.sql)})
            or (taken_by = ${presence.worker} and next_try_at <= ${new Date(now.getTime() + leaseMs - unheldMs)}
              and key <> all (${[...held]})))
          order by created_at limit ${room} for update skip locked))
        returning key, op, payment_id, refund_id, params, tries, traceparent, created_at`
      for (const call of due.sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())) void worker.perform(call)
      return due.length === takenAtOnce ? 0 : lookEveryMs
    },
    backlog: () => (held.size > crowd ? [...held] : []),
    async drain() {
      stopping = true
      for (const { go } of queue.splice(0)) go()
      const late = new AbortController()
      const patience = sleep(drainWithinMs, undefined, { signal: late.signal }).catch(() => {})
      await Promise.race([Promise.allSettled(underWay), patience])
      late.abort()
    },
  }
  const context: CallContext = { service, provider, meters, plan: worker.plan, perform: worker.perform }
  return { ...worker, context }

  async function renewLeases(now: Date): Promise<void> {
    if (held.size === 0 || now.getTime() - renewedAt < renewEveryMs) return
    renewedAt = now.getTime()
    await db.sql`
      update provider_calls set next_try_at = ${new Date(now.getTime() + leaseMs)}
      where key = any(${[...held]}) and status = 'pending' and taken_by = ${presence.worker}`
  }

  async function performOnce(call: ProviderCall): Promise<void> {
    const span = tracer.startSpan(`stripe ${call.op}`, {
      kind: 'client',
      parent: call.traceparent,
      attributes: { 'peer.service': 'stripe', 'aisle.call': call.key, 'aisle.payment_id': call.paymentId },
    })
    try {
      const unknown = await carryOut(context, { ...call, traceparent: span.traceparent ?? null })
      if (unknown) span.fail(unknown)
      if (unknown instanceof KeySpent) await renewKey(call, unknown)
      else if (unknown) await tryLater(call, unknown)
    } catch (error) {
      span.fail(error)
      log.error({ err: error, call: call.key }, 'a call to the provider could not be finished; it will be retried')
      await tryLater(call, error as Error).catch(() => {})
    } finally {
      span.end()
    }
  }

  async function tryLater(call: ProviderCall, error: Error): Promise<void> {
    log.warn(
      { err: error, call: call.key, tries: call.tries + 1 },
      'no answer from the provider; retrying with the same key',
    )
    await db.sql`
      update provider_calls
      set tries = tries + 1, error = ${error.message.slice(0, 500)}, taken_by = null,
        next_try_at = ${new Date(clock.now().getTime() + backoffMs(call.tries))}
      where key = ${call.key} and status = 'pending'`
  }

  /** Plans the same call under the next key, after a pause. The key tells its operation to look before it acts. */
  async function renewKey(call: ProviderCall, error: KeySpent): Promise<void> {
    log.warn({ err: error, call: call.key }, 'the provider stored an error under this key; using the next key')
    const { key, tries } = call
    const next = key.replace(/\d+$/, (number) => String(Number(number) + 1))
    await db.tx(async (tx) => {
      tx.send(tx.sql`
        insert into provider_calls (key, op, payment_id, refund_id, params, tries, next_try_at, traceparent, created_at)
        select ${next}, op, payment_id, refund_id, params, tries + 1,
          ${new Date(clock.now().getTime() + backoffMs(tries))}, traceparent, created_at
        from provider_calls where key = ${key} and status = 'pending'
        on conflict on constraint provider_calls_pkey do nothing`)
      tx.send(tx.sql`
        update provider_calls set status = 'failed', tries = tries + 1, error = ${error.message.slice(0, 500)},
          taken_by = null, finished_at = ${clock.now()}
        where key = ${key} and status = 'pending'`)
    })
  }
}
