// Sends the mail of a notice: durable work, so it is tried until the server has taken it. A crash between the server's
// answer and our commit sends it again, under the same Message-ID.

import type { Language, SealedContact, SealedLink } from '@aisle/contracts/messages/auth'
import { contactPurpose, linkPurpose } from '@aisle/contracts/messages/auth'
import type { Sql } from '@aisle/kit/db/database'
import { unseal } from '@aisle/kit/sealed'
import { type Job, perform, queue, retry, work } from '@aisle/kit/work/work'
import type { JWK } from 'jose'
import { Type } from 'typebox'
import { addressMac } from '../address-mac.ts'
import type { NoticesService } from '../context.ts'
import { type Importance, importances, type Kind, rulesOf } from '../kinds.ts'
import { suppress, suppressionOf } from '../suppressions.ts'
import { compose, type Mailed } from './compose.ts'

const dayMs = 24 * 60 * 60 * 1000
/** A server that does not take a mail for so long will not take it: then the person is not told by mail. */
const triedForMs = 2 * dayMs

const Data = Type.Object({ noticeId: Type.String() })
type MailJob = Job<typeof Data>

const mails = importances.map((importance) => ({
  importance,
  work: work(
    `mail-${importance}`,
    Data,
    queue(`mail-${importance}`, {
      // More than can be sent at a time: so there is always one that waits at the gate.
      places: ({ MAIL_CONNECTIONS }) => 4 * Number(MAIL_CONNECTIONS),
      firstPauseMs: 2_000,
      longestPauseMs: 15 * 60_000,
      giveUpAfterMs: null,
      keptDays: 8,
      peer: 'mail',
      subject: 'notice_id',
    }),
  ),
}))

export const mailWorkOf = (kind: Kind) => mails.find(({ importance }) => importance === rulesOf(kind).importance)!.work

export const sendMails = mails.map(({ importance, work }) =>
  perform(work, (job: MailJob, service: NoticesService) => sendMail(job, service, importance)),
)

type Row = Mailed & {
  privateKey: JWK | null
  sealed: string | null
  language: Language | null
  confirmed: boolean | null
}

async function sendMail(job: MailJob, service: NoticesService, importance: Importance) {
  const { db, config, parts } = service
  const row = await read(db.sql, job.data.noticeId)
  // It was erased.
  if (!row) return
  const now = service.clock.now()
  const { kind, params } = row
  if (params.expiresAt && kind !== 'reserved' && new Date(params.expiresAt) <= now)
    return record('given-up', 'the link has expired')
  const reader = await readerOf(row)
  if (reader === 'unknown') return wait()
  if (reader === 'erased') return record('suppressed', 'the account was erased')
  const mac = addressMac(config.MAIL_SECRET, reader.address)
  if (await suppressionOf(db.sql, mac)) return record('suppressed', 'the address cannot be reached', mac)

  const site = {
    publicUrl: config.PUBLIC_URL,
    from: config.MAIL_FROM,
    secret: config.MAIL_SECRET,
    returnTo: config.MAIL_RETURN ?? null,
  }
  const outgoing = compose(row, reader, site)
  const sent = await parts.gate.pass(importance, () => parts.transport.send(outgoing))
  if (sent.outcome === 'sent') return record('sent', null, mac)
  if (sent.outcome === 'unreachable') return record('bounced', sent.error.message, mac)
  if (sent.outcome === 'refused') return record('given-up', sent.error.message, mac)
  if (now.getTime() - job.askedAt.getTime() > triedForMs) return record('given-up', sent.error.message, mac)
  await db.sql`
    update deliveries set status = 'deferred', why = ${sent.error.message.slice(0, 300)}, changed_at = ${now}
    where notice_id = ${row.id}`
  return retry(sent.error)

  /** Records the end of the work, in one transaction with what became of the mail. */
  async function record(
    status: 'sent' | 'bounced' | 'suppressed' | 'given-up',
    why: string | null,
    mac: Buffer | null = null,
  ): Promise<void> {
    const at = service.clock.now()
    await db.tx(async (tx) => {
      tx.send(tx.sql`
        update deliveries set status = ${status}, why = ${why?.slice(0, 300) ?? null}, address_mac = ${mac},
          sent_at = ${status === 'sent' ? at : null}, changed_at = ${at}
        where notice_id = ${job.data.noticeId}`)
      // The link is used up here: nobody needs its secret any more.
      tx.send(
        tx.sql`update notices set params = params - 'sealed' where id = ${job.data.noticeId} and params ? 'sealed'`,
      )
      if (mac && status === 'bounced') tx.send(suppress(tx.sql, { mac, reason: 'refused' }, { sentAt: at, at }))
      job.done(tx)
    }, job.origin)
    parts.meters.mails.inc({ outcome: status })
  }

  /**
   * The mail waits until the person has confirmed an address (keep-contacts.ts). The row of the contact is locked, so
   * one of the two sees the other.
   */
  async function wait() {
    return db.tx(async (tx) => {
      const [contact] = await tx.sql<{ confirmed: boolean }[]>`
        insert into contacts as c (user_id, version) values (${row!.userId}, 0)
        on conflict on constraint contacts_pkey do update set version = c.version returning confirmed`
      if (contact?.confirmed) return retry(new Error('The address was confirmed just now.'))
      tx.send(tx.sql`
        update deliveries set status = 'waiting', why = 'the address is not confirmed', changed_at = ${now}
        where notice_id = ${row!.id}`)
      job.done(tx)
      return null
    }, job.origin)
  }
}

const read = async (sql: Sql, id: string): Promise<Row | undefined> =>
  (
    await sql<Row[]>`
      select n.id, n.user_id, n.kind, n.order_id, n.params, n.made_at, o.number as order_number, o.ticket,
        k.private_key, c.sealed, c.language, c.confirmed
      from notices n
        left join orders o on o.id = n.order_id
        left join contact_keys k using (user_id)
        left join contacts c using (user_id)
      where n.id = ${id}`
  )[0]

type Reader = { address: string; name: string | null; language: Language; token: string | null }

/**
 * To whom the mail goes. A link goes to the address that it was made for; anything else to the confirmed address of
 * the person, and `unknown` while there is none.
 */
async function readerOf(row: Row): Promise<Reader | 'unknown' | 'erased'> {
  const { privateKey, params, sealed, confirmed } = row
  const language = row.language ?? params.language ?? 'en'
  if (params.sealed !== undefined) {
    const link = privateKey && (await unseal<SealedLink>(privateKey, linkPurpose, params.sealed))
    return link ? { address: link.address, name: null, language, token: link.token } : 'erased'
  }
  if (sealed === null || !confirmed) return 'unknown'
  const contact = privateKey && (await unseal<SealedContact>(privateKey, contactPurpose, sealed))
  return contact ? { ...contact, language, token: null } : 'erased'
}
