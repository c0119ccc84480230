// Every word to the provider goes through here.
//
// (a) `plan` commits the call with its key and frozen parameters, in the transaction that decided on it.
// (b) `perform` makes it with no transaction open, and (c) commits what came of it under the payment's lock (settle.ts).
// The one who planned it does (b) and (c) right after the commit; the sweeper repeats them for calls left over by a crash, a time-out or a 5xx,
// with the same key, so that the provider does it once.

import type { Tx } from '@aisle/kit/db/database'
import type { PaymentsBase } from './context.ts'
import type { Provider } from './provider.ts'
import type { PaymentRow } from './queries.ts'
import { settle } from './settle.ts'

export type CallParams = { token?: string; amount?: number }
export type ProviderCall = {
  key: string
  op: 'authorize' | 'capture' | 'void' | 'refund'
  paymentId: string
  refundId: string | null
  params: CallParams
  tries: number
  createdAt: Date
  /** As the one who planned the call knows it; read again when a call is repeated. */
  payment?: PaymentRow
}

export type CallWorker = {
  /** Carries a planned call out as soon as a place is free; resolves when it was tried once and its result, if any, is committed. */
  perform(call: ProviderCall): Promise<void>
  /** Carries out calls that nobody has finished in time; resolves to the milliseconds until the next look. */
  sweep(): Promise<number>
  /** Resolves when the calls under way are finished; takes no new ones. */
  drain(): Promise<void>
}

/** Calls under way at once. The provider's own limit is 25 a second in test mode and 100 in live mode. */
const places = 24
/** How long whoever has taken a call has for it: longer than the SDK's time-outs and repetitions together. */
const leaseMs = 45_000
const lookEveryMs = 1_000
const backoffMs = (tries: number) => Math.min(500 * 2 ** tries, 60_000)

/** Plans a call in the transaction that decided on it. Null when it is planned already. */
export async function plan(
  tx: Tx,
  { payment, ...call }: Omit<ProviderCall, 'key' | 'tries' | 'createdAt'>,
  now: Date,
): Promise<ProviderCall | null> {
  const key = `${call.op}:${call.refundId ?? call.paymentId}:1`
  const [planned] = await tx.sql<ProviderCall[]>`
    insert into provider_calls (key, op, payment_id, refund_id, params, next_try_at, created_at)
    values (${key}, ${call.op}, ${call.paymentId}, ${call.refundId}, ${JSON.stringify(call.params)}::text::jsonb, ${new Date(now.getTime() + leaseMs)}, ${now})
    on conflict on constraint provider_calls_pkey do nothing
    returning key, op, payment_id, refund_id, params, tries, created_at`
  if (!planned) return null
  return payment ? { ...planned, payment } : planned
}

export function createCallWorker(service: PaymentsBase, provider: Provider): CallWorker {
  const { db, clock, log } = service
  const underWay = new Set<Promise<void>>()
  const waiting: (() => void)[] = []
  let stopping = false

  return {
    async perform(call) {
      while (!stopping && underWay.size >= places) await new Promise<void>((resolve) => waiting.push(resolve))
      // What is not begun at a stop stays planned; the sweeper of the next start finds it.
      if (stopping) return
      const run = performOnce(call).finally(() => {
        underWay.delete(run)
        waiting.shift()?.()
      })
      underWay.add(run)
      await run
    },
    async sweep() {
      if (stopping) return lookEveryMs
      const now = clock.now()
      const due = await db.sql<ProviderCall[]>`
        update provider_calls set next_try_at = ${new Date(now.getTime() + leaseMs)} where key in (
          select key from provider_calls where status = 'pending' and next_try_at <= ${now} order by next_try_at limit ${places} for update skip locked)
        returning key, op, payment_id, refund_id, params, tries, created_at`
      await Promise.all(due.map((call) => this.perform(call)))
      return due.length === places ? 0 : lookEveryMs
    },
    async drain() {
      stopping = true
      for (const leave of waiting.splice(0)) leave()
      await Promise.allSettled(underWay)
    },
  }

  async function performOnce(call: ProviderCall): Promise<void> {
    try {
      const unknown = await settle(service, provider, call)
      if (unknown) await tryLater(call, unknown)
    } catch (error) {
      log.error({ err: error, call: call.key }, 'a call to the provider could not be finished; it will be repeated')
      await tryLater(call, error as Error).catch(() => {})
    }
  }

  async function tryLater(call: ProviderCall, error: Error): Promise<void> {
    log.warn(
      { err: error, call: call.key, tries: call.tries + 1 },
      'the provider gave no answer; asking again with the same key',
    )
    await db.sql`
      update provider_calls set tries = tries + 1, error = ${error.message.slice(0, 500)}, next_try_at = ${new Date(clock.now().getTime() + backoffMs(call.tries))}
      where key = ${call.key} and status = 'pending'`
  }
}
