// What follows when a mail has come back, or its reader has complained: durable work, asked for by the mail that came
// back (return-server.ts) and by the provider's webhook (features/hear-mail-provider.ts). It may be heard of before our
// own commit that the mail was sent: then it waits for that. What is not about a mail of ours changes nothing.

import type { Sql } from '@aisle/kit/db/database'
import { perform, queue, retry, work } from '@aisle/kit/work/work'
import { Type } from 'typebox'
import type { NoticesService } from '../context.ts'
import { isChoice } from '../kinds.ts'
import { choose } from '../preferences.ts'
import { suppress } from '../suppressions.ts'

const idOrNull = Type.Union([Type.String(), Type.Null()])

/**
 * A mail that came back, or was complained about: that of a notice, or the newest to an address, which is named by its
 * keyed hash in hexadecimal digits.
 */
export const ComeBack = work(
  'come-back',
  Type.Object({
    noticeId: idOrNull,
    addressMac: idOrNull,
    outcome: Type.Enum(['hard', 'soft', 'complaint']),
    isDead: Type.Boolean(),
    why: Type.String(),
  }),
  queue('come-back', {
    places: 8,
    firstPauseMs: 2_000,
    longestPauseMs: 15 * 60_000,
    giveUpAfterMs: null,
    keptDays: 30,
    subject: 'notice_id',
    oneBySubject: true,
  }),
)

type Row = { noticeId: string; userId: string; kind: string; status: string; addressMac: Buffer | null; sentAt: Date }

export const takeComeBack = perform(ComeBack, async ({ data, askedAt, origin, done }, service: NoticesService) => {
  const { db, clock, parts } = service
  const { outcome, isDead, why } = data
  const row = await find(db.sql, data, askedAt)
  if (!row) return
  const { noticeId, userId, kind, status } = row
  if (status === 'queued' || status === 'deferred') return retry(new Error('The mail is not recorded as sent yet.'))
  const at = clock.now()
  await db.tx(async (tx) => {
    done(tx)
    if (outcome === 'soft') {
      tx.send(tx.sql`update deliveries set why = ${why} where notice_id = ${noticeId} and status = 'sent'`)
      return
    }
    const news =
      outcome === 'hard'
        ? await tx.sql`
            update deliveries set status = 'bounced', why = ${why}, changed_at = ${at}
            where notice_id = ${noticeId} and status = 'sent' returning 1`
        : await tx.sql`
            update deliveries set complained_at = ${at}
            where notice_id = ${noticeId} and status = 'sent' and complained_at is null returning 1`
    if (news.length === 0 || !row.addressMac) return
    tx.afterCommit(() => parts.meters.mails.inc({ outcome: outcome === 'hard' ? 'bounced' : 'complained' }))
    const times = { sentAt: row.sentAt, at }
    if (outcome === 'hard' && isDead) tx.send(suppress(tx.sql, { mac: row.addressMac, reason: 'refused' }, times))
    if (outcome === 'complaint') {
      tx.send(suppress(tx.sql, { mac: row.addressMac, reason: 'complained' }, times))
      if (isChoice(kind)) tx.send(choose(tx.sql, userId, kind, false))
    }
  }, origin)
})

async function find(
  sql: Sql,
  { noticeId, addressMac }: { noticeId: string | null; addressMac: string | null },
  before: Date,
): Promise<Row | undefined> {
  const which =
    noticeId === null
      ? sql`
          d.address_mac = ${Buffer.from(addressMac ?? '', 'hex')} and d.sent_at <= ${before}
          order by d.sent_at desc limit 1`
      : sql`d.notice_id = ${noticeId}`
  const [row] = await sql<Row[]>`
    select d.notice_id, d.user_id, d.status, d.address_mac, d.sent_at, n.kind
    from deliveries d join notices n on n.id = d.notice_id where ${which}`
  return row
}
