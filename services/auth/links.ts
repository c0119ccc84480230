// Links that work once and are sent by mail: asked for in the transaction of their reason (`askForLink`), made and
// sealed for notices as durable work, used by whoever has the secret (`lockLink`).
//
// The secret exists only in the sealed message; the row has its SHA-256. A user whose key has not come yet has a row
// that waits; the key's arrival sends it (features/keep-contact-key.ts). Both lock the user, so that one of them
// always sees what the other has done.

import { createHash, randomBytes } from 'node:crypto'
import type { Data } from '@aisle/contracts/message'
import { linkPurpose, type SealedLink, UserLink } from '@aisle/contracts/messages/auth'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { seal } from '@aisle/kit/sealed'
import { perform, queue, work } from '@aisle/kit/work/work'
import { Type } from 'typebox'
import { type ContactKey, findContactKey } from './contacts.ts'
import type { AuthService } from './context.ts'
import { countOnce } from './counts.ts'
import { lockUser } from './queries.ts'
import { normalizeEmail, type UserRow } from './user.ts'

export type LinkPurpose = Data<typeof UserLink>['purpose']
export type LinkRow = {
  readonly id: string
  readonly userId: string
  readonly purpose: LinkPurpose
  readonly address: string | null
  readonly madeAt: Date
  readonly sentAt: Date | null
  readonly expiresAt: Date
  readonly usedAt: Date | null
}

const minuteMs = 60 * 1000
const dayMs = 24 * 60 * minuteMs
const validForMs: Record<LinkPurpose, number> = {
  'confirm-address': 7 * dayMs,
  'change-address': dayMs,
  'undo-address': 3 * dayMs,
  'reset-password': 30 * minuteMs,
  'known-address': dayMs,
}
const secretBytes = 32

const links = queue('links', {
  places: 4,
  firstPauseMs: 500,
  longestPauseMs: 60_000,
  giveUpAfterMs: dayMs,
  keptDays: 1,
  subject: 'user_id',
})
/** With `reset`, the link is one to set a password, and has no row yet. */
const SendLink = work('send-link', Type.Object({ linkId: Type.String(), reset: Type.Optional(Type.Boolean()) }), links)
/** The subject of work for an address that has no account. */
const nobody = '00000000-0000-0000-0000-000000000000'

type Asked = { id: string; userId: string; purpose: LinkPurpose; address?: string; now: Date }

/** Asks for a mail to the user's address, or to `address`. Nothing is sent unless `tx` commits. */
export async function askForLink(tx: Tx, asked: Asked): Promise<void> {
  insertLink(tx, asked)
  await tx.later(SendLink, asked.id, { linkId: asked.id }, { subject: asked.userId })
}

/** Asks for a link to set a password. For nobody it writes the same, and nothing comes of it. */
export async function askForReset(tx: Tx, { id, userId }: { id: string; userId: string | null }): Promise<void> {
  await tx.later(SendLink, id, { linkId: id, reset: true }, { subject: userId ?? nobody })
}

function insertLink(tx: Tx, { id, userId, purpose, address, now }: Asked): void {
  tx.send(tx.sql`
    insert into links (id, user_id, purpose, address, made_at, expires_at)
    values (${id}, ${userId}, ${purpose}, ${address ?? null}, ${now}, ${new Date(now.getTime() + validForMs[purpose])})
    on conflict on constraint links_pkey do nothing`)
}

export const sendLink = perform(SendLink, async ({ data, subject, origin }, service: AuthService) => {
  await service.db.tx(async (tx) => {
    const user = await lockUser(tx.sql, subject)
    if (user && data.reset)
      insertLink(tx, { id: data.linkId, userId: user.id, purpose: 'reset-password', now: service.clock.now() })
    const key = user && (await findContactKey(tx.sql, user.id))
    if (key) await sendUnsent(tx, service, user, key, data.linkId)
  }, origin)
})

/** Sends the user's links that have not been sent, or the one with `id`. The user is locked by `tx`. */
export async function sendUnsent(
  tx: Tx,
  service: AuthService,
  user: UserRow,
  key: ContactKey,
  id: string | null = null,
): Promise<void> {
  const now = service.clock.now()
  const unsent = await tx.sql<LinkRow[]>`
    select * from links where user_id = ${user.id} and sent_at is null and used_at is null and expires_at > ${now}
      and (${id}::uuid is null or id = ${id}) order by id`
  for (const link of unsent) {
    if (await tellOwner(tx, service, user, link, now)) continue
    const token = link.purpose === 'known-address' ? null : randomBytes(secretBytes).toString('base64url')
    const sealed: SealedLink = { token, address: link.address ?? user.email }
    tx.send(tx.sql`
      update links set sent_at = ${now}, token_hash = ${token === null ? null : hashToken(token)} where id = ${link.id}`)
    tx.emit(UserLink, user.id, {
      id: link.id,
      userId: user.id,
      version: user.version,
      purpose: link.purpose,
      sealed: await seal(key.publicKey, linkPurpose, sealed),
      language: user.language,
      expiresAt: link.expiresAt.toISOString(),
    })
  }
}

const mostKnownADay = 3

/**
 * If another account has confirmed the address that the link is to prove, its owner is told that someone wanted it, a
 * few times a day, instead of getting a link for an account that can never own it.
 */
async function tellOwner(
  tx: Tx,
  { newId }: AuthService,
  user: UserRow,
  { id, purpose, address }: LinkRow,
  now: Date,
): Promise<boolean> {
  const wanted =
    purpose === 'confirm-address' ? user.emailClaimed : purpose === 'change-address' ? normalizeEmail(address!) : null
  const [owner] = await tx.sql<{ id: string }[]>`
    select id from users
    where email_normalized = ${wanted} and email_confirmed_at is not null and id <> ${user.id}`
  if (!owner) return false
  tx.send(tx.sql`update links set sent_at = ${now}, used_at = ${now} where id = ${id}`)
  const limit = {
    table: 'link_counts',
    who: `known-address ${owner.id}`,
    most: mostKnownADay,
    withinMs: dayMs,
    now,
  } as const
  if (!(await countOnce(tx.sql, limit)))
    await askForLink(tx, { id: newId(), userId: owner.id, purpose: 'known-address', now })
  return true
}

const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

type Wanted = { token: string; purposes: readonly LinkPurpose[]; now: Date }

/**
 * The user of the link with this secret; undefined if the link is unknown, used, expired or for another purpose. It may
 * be used by the time it is locked.
 */
export async function findUserOfLink(sql: Sql, { token, purposes, now }: Wanted): Promise<UserRow | undefined> {
  const [user] = await sql<UserRow[]>`
    select u.* from links l join users u on u.id = l.user_id
    where l.token_hash = ${hashToken(token)} and l.purpose = any(${[...purposes]}) and l.used_at is null
      and l.expires_at > ${now}`
  return user
}

/** Like `findUserOfLink`, with the link; the user is locked. */
export async function lockLink(
  sql: Sql,
  { token, purposes, now }: Wanted,
): Promise<{ link: LinkRow; user: UserRow } | undefined> {
  const [found] = await sql<{ userId: string }[]>`select user_id from links where token_hash = ${hashToken(token)}`
  const user = found && (await lockUser(sql, found.userId))
  if (!user) return undefined
  // Read again under the lock: of two uses at the same time, the second finds it used.
  const [link] = await sql<LinkRow[]>`
    select * from links where token_hash = ${hashToken(token)} and purpose = any(${[...purposes]})
      and used_at is null and expires_at > ${now}`
  return link && { link, user }
}

/** Makes the user's links of these purposes useless: one of them was used, or they have lost their purpose. */
export function useUpLinks(
  tx: Tx,
  { userId, purposes, now }: { userId: string; purposes: readonly LinkPurpose[]; now: Date },
): void {
  tx.send(tx.sql`
    update links set used_at = ${now}
    where user_id = ${userId} and purpose = any(${[...purposes]}) and used_at is null`)
}

const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Deletes links a day after they have expired. Resolves to the milliseconds until the next run. */
export async function forgetLinks({ db, clock }: AuthService): Promise<number> {
  const before = new Date(clock.now().getTime() - dayMs)
  const removed = await db.sql`
    delete from links where id = any (array(select id from links where expires_at < ${before} limit ${rowsAtOnce}))`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
