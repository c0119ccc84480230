// How many declined cards a buyer, and an address, may have in an hour: somebody who tries stolen cards needs many.
//
// Beyond the first limit a card is taken on the provider's page alone, which asks its owner's bank (3-D Secure); beyond
// the second, nowhere. Cards that came as tokens and have no answer yet count as declined, and those who count take
// turns by an advisory lock: so any number at once are as many as one after the other. What the page declines we hear
// of by webhook; the page is ended with the last one that is allowed.

import type { Tx } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { Desk } from './call.ts'
import type { PaymentsBase } from './config.ts'
import type { PaymentsService } from './context.ts'
import type { PaymentRow } from './queries.ts'

const hourMs = 60 * 60 * 1000
/** Replicas' clocks differ by less. What lies further ahead was written by a clock that was wrong. */
const aheadMs = 60 * 1000

export type Tried = {
  /** Cards of the buyer, and of the address, that were declined within the hour, the newest first. */
  buyers: readonly Date[]
  addresses: readonly Date[]
  /** Cards of theirs that came as tokens and have no answer yet. */
  buyersUnderWay: number
  addressesUnderWay: number
}
export type Limits = { perBuyer: number; perAddress: number; onPagePerBuyer: number }
export type Verdict =
  | { kind: 'go'; asks3ds: boolean }
  | { kind: 'wait' } // cards that are under way may use up what is left
  | { kind: 'stop'; until: Date }

/** Whether another card may be tried. Pure. */
export function judgeDeclines(byToken: boolean, tried: Tried, limits: Limits): Verdict {
  const { buyers, addresses, buyersUnderWay, addressesUnderWay } = tried
  const { perBuyer, perAddress, onPagePerBuyer } = limits
  const ends = [freeAgain(buyers, byToken ? perBuyer : onPagePerBuyer), byToken && freeAgain(addresses, perAddress)]
  const latest = Math.max(...ends.map((end) => (end ? end.getTime() : 0)))
  if (latest > 0) return { kind: 'stop', until: new Date(latest) }
  const isFull = buyers.length + buyersUnderWay >= perBuyer || addresses.length + addressesUnderWay >= perAddress
  if (byToken) return isFull ? { kind: 'wait' } : { kind: 'go', asks3ds: false }
  return { kind: 'go', asks3ds: buyers.length >= perBuyer || addresses.length >= perAddress }
}

/** When there are fewer than `limit` within the hour again; null when there are now. */
function freeAgain(declines: readonly Date[], limit: number): Date | null {
  const last = declines[limit - 1]
  return last ? new Date(last.getTime() + hourMs) : null
}

type Try = { buyerId: string; address: string; byToken: boolean; now: Date }

/**
 * Null when another card may be tried in this transaction, or why not. `asks3ds` says that the page must ask for 3-D
 * Secure.
 */
export async function checkDeclines(
  tx: Tx,
  { config }: Pick<PaymentsService, 'config'>,
  { buyerId, address, byToken, now }: Try,
): Promise<Refusal | { asks3ds: boolean }> {
  const limits = limitsOf(config)
  if (byToken) {
    const keys = [`declines of ${buyerId}`, ...(limits.perAddress === Infinity ? [] : [`declines from ${address}`])]
    for (const key of keys) await tx.sql`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`
  }
  const since = new Date(now.getTime() - hourMs)
  const upTo = new Date(now.getTime() + aheadMs)
  const [row] = await tx.sql<[Tried]>`
    select
      array(select at from declines
        where buyer_id = ${buyerId} and at > ${since} and at < ${upTo} order by at desc) as buyers,
      array(select at from declines
        where address = ${address} and at > ${since} and at < ${upTo} order by at desc) as addresses,
      count(*) filter (where o.buyer_id = ${buyerId})::int as buyers_under_way,
      count(*) filter (where p.address = ${address})::int as addresses_under_way
    from payments p join orders o on o.id = p.order_id where p.status = 'created' and p.method = 'token'`
  const verdict = judgeDeclines(byToken, row, limits)
  switch (verdict.kind) {
    case 'go':
      return { asks3ds: verdict.asks3ds }
    case 'wait':
      return refuse('payment-in-progress', { message: 'Other payments of yours are under way. Wait a moment.' })
    case 'stop':
      return refuse('too-many-declines', {
        retryAfterSeconds: Math.max(1, Math.ceil((verdict.until.getTime() - now.getTime()) / 1000)),
      })
    default:
      return verdict satisfies never
  }
}

/** RATE_LIMIT=off lifts every limit by address. */
const limitsOf = (config: PaymentsBase['config']): Limits => ({
  perBuyer: config.DECLINES_PER_BUYER,
  perAddress: config.RATE_LIMIT === 'off' ? Number.POSITIVE_INFINITY : config.DECLINES_PER_ADDRESS,
  onPagePerBuyer: config.PAGE_DECLINES_PER_BUYER,
})

/**
 * Writes that a card of the payment was declined; `id` is the same however often we hear of it. False when it was
 * written before.
 */
export async function recordDecline(
  tx: Tx,
  { meters }: Pick<Desk, 'meters'>,
  { id, paymentId, method, now }: { id: string; paymentId: string; method: 'token' | 'page'; now: Date },
): Promise<boolean> {
  const written = await tx.sql`
    insert into declines (id, payment_id, buyer_id, address, at)
    select ${id}, p.id, o.buyer_id, p.address, ${now} from payments p join orders o on o.id = p.order_id
    where p.id = ${paymentId} and p.method = ${method}
    on conflict on constraint declines_pkey do nothing returning 1`
  if (written.length > 0) tx.afterCommit(() => meters.cards.inc({ method, outcome: 'declined' }))
  return written.length > 0
}

/**
 * The provider says that a card was declined on its page. With the last one that the buyer may have, the page is ended.
 */
export async function hearPageDecline(
  tx: Tx,
  { config, parts }: PaymentsService,
  { eventId, paymentId, now }: { eventId: string; paymentId: string; now: Date },
): Promise<boolean> {
  // Locked before its decline is written: the foreign key locks the payment too, more weakly, and two webhooks at once
  // would each wait for the other.
  const [payment] = await tx.sql<PaymentRow[]>`select * from payments where id = ${paymentId} for update`
  if (!payment) return false
  if (!(await recordDecline(tx, parts, { id: eventId, paymentId, method: 'page', now }))) return false
  if (payment.status !== 'created' || !payment.sessionId) return true
  const [row] = await tx.sql<{ count: number }[]>`
    select count(*)::int as count from declines
    where buyer_id = (select buyer_id from orders where id = ${payment.orderId})
      and at > ${new Date(now.getTime() - hourMs)}`
  if ((row?.count ?? 0) < config.PAGE_DECLINES_PER_BUYER) return true
  const end = await parts.calls.plan(tx, { op: 'end-page', paymentId, params: {}, payment }, now)
  if (end) tx.afterCommit(() => void parts.calls.perform(end))
  return true
}

const keptMs = 24 * hourMs
const rowsAtOnce = 1_000

/** Declines are forgotten a day later: their addresses are personal data. */
export const forgetDeclines = {
  name: 'forget declines',
  async run({ db, clock }: PaymentsService): Promise<number> {
    const forgotten = await db.sql`
      delete from declines where id = any (array(
        select id from declines where at < ${new Date(clock.now().getTime() - keptMs)} limit ${rowsAtOnce}))`
    return forgotten.count === rowsAtOnce ? 100 : 10 * 60 * 1000
  },
}
