// Limits declined cards per buyer, and per address, within an hour: testing stolen cards takes many.
//
// Beyond the first limit, cards are accepted only on the provider's page, which asks the card owner's bank (3-D
// Secure). Beyond the second limit they are not accepted at all. Token payments without an answer yet count as
// declined, and counting transactions take turns by an advisory lock, so concurrent attempts count like
// sequential ones. Declines on the page reach us by webhook; the page is ended after the last allowed decline.

import type { Tx } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import { EndPage } from './call.ts'
import type { PaymentsService } from './context.ts'
import type { PaymentRow } from './queries.ts'

const hourMs = 60 * 60 * 1000
/** Replicas' clocks differ by less than this. A time further ahead was written by a wrong clock. */
const aheadMs = 60 * 1000

export type Tried = {
  /** Cards of the buyer, and of the address, declined within the hour; newest first. */
  buyers: readonly Date[]
  addresses: readonly Date[]
  /** Token payments of the buyer, and of the address, that have no answer yet. */
  buyersUnderWay: number
  addressesUnderWay: number
}
export type Limits = { perBuyer: number; perAddress: number; onPagePerBuyer: number }
export type Verdict =
  | { kind: 'go'; asks3ds: boolean }
  | { kind: 'wait' } // payments under way may use up what is left
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

/** When fewer than `limit` fall within the hour again; null if that is the case now. */
function freeAgain(declines: readonly Date[], limit: number): Date | null {
  const last = declines[limit - 1]
  return last ? new Date(last.getTime() + hourMs) : null
}

type Try = { buyerId: string; address: string; byToken: boolean; now: Date }

/**
 * Null if another card may be tried in this transaction, or why not. `asks3ds` means that the page must ask for
 * 3-D Secure.
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
const limitsOf = (config: PaymentsService['config']): Limits => ({
  perBuyer: config.DECLINES_PER_BUYER,
  perAddress: config.RATE_LIMIT === 'off' ? Number.POSITIVE_INFINITY : config.DECLINES_PER_ADDRESS,
  onPagePerBuyer: config.PAGE_DECLINES_PER_BUYER,
})

/**
 * Records that a card of the payment was declined. `id` is the same no matter how often the decline is
 * reported. False if it was already recorded.
 */
export async function recordDecline(
  tx: Tx,
  { meters }: Pick<PaymentsService['parts'], 'meters'>,
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
 * The provider reports that a card was declined on its page. After the buyer's last allowed decline the page is
 * ended.
 */
export async function hearPageDecline(
  tx: Tx,
  { config, parts }: PaymentsService,
  { eventId, paymentId, now }: { eventId: string; paymentId: string; now: Date },
): Promise<boolean> {
  // Lock the payment before writing its decline: the foreign key takes a weaker lock on it, so two concurrent
  // webhooks would deadlock.
  const [payment] = await tx.sql<PaymentRow[]>`select * from payments where id = ${paymentId} for update`
  if (!payment) return false
  if (!(await recordDecline(tx, parts, { id: eventId, paymentId, method: 'page', now }))) return false
  if (payment.status !== 'created' || !payment.sessionId) return true
  const [row] = await tx.sql<{ count: number }[]>`
    select count(*)::int as count from declines
    where buyer_id = (select buyer_id from orders where id = ${payment.orderId})
      and at > ${new Date(now.getTime() - hourMs)}`
  if ((row?.count ?? 0) < config.PAGE_DECLINES_PER_BUYER) return true
  await tx.later(EndPage, paymentId, { paymentId })
  return true
}

const keptMs = 24 * hourMs
const rowsAtOnce = 1_000

/** Declines are deleted a day later: their addresses are personal data. */
export const forgetDeclines = {
  name: 'forget declines',
  async run({ db, clock }: PaymentsService): Promise<number> {
    const forgotten = await db.sql`
      delete from declines where id = any (array(
        select id from declines where at < ${new Date(clock.now().getTime() - keptMs)} limit ${rowsAtOnce}))`
    return forgotten.count === rowsAtOnce ? 100 : 10 * 60 * 1000
  },
}
