// The rows of sessions: begun by a sign-in, seen while they are used, ended once and for all.
//
// A token is signed only after `extendSession` has found its row open. Ending a session writes to the same row, so
// every token of it was signed before, and `endedUntil` is later than the last of them.

import type { Data } from '@aisle/contracts/message'
import { beforeAnySession, SessionRevoked } from '@aisle/contracts/messages/auth'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { recordEnd } from '@aisle/kit/http/revocations'
import type { Client } from '@aisle/kit/http/route'
import { type Session, sessionSeconds } from '@aisle/kit/http/session'
import type { AuthService } from './context.ts'
import { nameDevice } from './device.ts'
import { expiryOf } from './session.ts'

export type SessionRow = {
  readonly id: string
  readonly userId: string
  readonly device: string | null
  readonly address: string
  readonly createdAt: Date
  readonly authenticatedAt: Date
  readonly seenAt: Date
  readonly expiresAt: Date
  readonly endedAt: Date | null
}

/** Why a session ended: by itself, or with all sessions of its user. */
export type EndReason = NonNullable<Data<typeof SessionRevoked>['session']>['reason']
type EndOfAllReason = Data<typeof SessionRevoked>['reason']

type Begun = { id: string; userId: string; client: Client; authenticatedAt: Date; now: Date }

/** Writes a session that begins. One that is there already stays as it is. */
export async function beginSession(sql: Sql, { id, userId, client, authenticatedAt, now }: Begun): Promise<void> {
  await sql`
    insert into sessions (id, user_id, device, address, created_at, authenticated_at, seen_at, expires_at)
    values (${id}, ${userId}, ${nameDevice(client.userAgent)}, ${client.address}, ${authenticatedAt},
            ${authenticatedAt}, ${now}, ${expiryOf(authenticatedAt, now)})
    on conflict on constraint sessions_pkey do nothing`
}

/** Writes the session of a token from before sessions had rows, unless that was done. */
export const adoptSession = (sql: Sql, session: Session, client: Client, now: Date): Promise<void> =>
  beginSession(sql, { ...session, client, now })

/** Notes that a token is about to be signed that expires at `expiresAt`. False when the session has ended. */
export async function extendSession(sql: Sql, id: string, expiresAt: Date): Promise<boolean> {
  const open = await sql`
    update sessions set expires_at = greatest(expires_at, ${expiresAt})
    where id = ${id} and ended_at is null returning 1`
  return open.length > 0
}

const seenEveryMs = 5 * 60 * 1000

/**
 * Notes that the session is used, and from where; at most every five minutes, so that looking at pages writes nothing.
 */
export async function seeSession(sql: Sql, row: SessionRow, client: Client, now: Date): Promise<void> {
  if (now.getTime() - row.seenAt.getTime() < seenEveryMs) return
  await sql`
    update sessions set seen_at = ${now}, address = ${client.address}, device = ${nameDevice(client.userAgent)}
    where id = ${row.id} and ended_at is null`
}

/** Five minutes more than a token is valid, for the time between reading the clock and signing. */
const endedForMs = (sessionSeconds + 5 * 60) * 1000

/** Ends one session, everywhere. False when it had ended before, or is not of `userId`. */
export async function endSession(
  tx: Tx,
  { clock, sessions }: AuthService,
  { id, userId }: Pick<Session, 'id' | 'userId'>,
  reason: EndReason,
): Promise<boolean> {
  const now = clock.now()
  const [ended] = await tx.sql<{ version: number }[]>`
    update sessions s set ended_at = ${now}, end_reason = ${reason} from users u
    where s.id = ${id} and s.user_id = ${userId} and u.id = s.user_id and s.ended_at is null returning u.version`
  if (!ended) return false
  const until = new Date(now.getTime() + endedForMs)
  await recordEnd(tx.sql, id, until)
  tx.emit(SessionRevoked, userId, toEnd({ userId, version: ended.version, id, until, reason }))
  tx.afterCommit(() => sessions.end(id, until))
  return true
}

type End = { userId: string; version: number; id: string; until: Date; reason: EndReason }

/** How the others hear that a session has ended. */
export const toEnd = ({ userId, version, id, until, reason }: End): Data<typeof SessionRevoked> => ({
  userId,
  version,
  revokedBefore: beforeAnySession,
  reason: 'signed-out-everywhere',
  session: { id, until: until.toISOString(), reason },
})

/**
 * Notes that the sessions of a user have ended but for the one that goes on; what refuses them is the revocation by
 * moment (queries.ts).
 */
export async function endSessionsOf(
  sql: Sql,
  userId: string,
  reason: EndOfAllReason,
  now: Date,
  goesOn: string | null = null,
): Promise<void> {
  await sql`
    update sessions set ended_at = ${now}, end_reason = ${reason}
    where user_id = ${userId} and ended_at is null and (${goesOn}::uuid is null or id <> ${goesOn})`
}

const keptDays = 31
const rowsAtOnce = 5_000
const forgetEveryMs = 60_000

/** Forgets sessions whose last token expired 31 days ago; resolves to the milliseconds until the next time. */
export async function forgetSessions({ db, clock }: AuthService): Promise<number> {
  const before = new Date(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
  const removed = await db.sql`
    delete from sessions where id = any (array(
      select id from sessions where expires_at < ${before} limit ${rowsAtOnce}))`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
