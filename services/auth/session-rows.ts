// The rows of sessions: created at sign-in, updated while in use, ended for good.
//
// A token is signed only after `extendSession` has found its row open. Ending a session writes to the same row,
// so all its tokens were signed before that, and `endedUntil` is later than the last one.

import type { Data } from '@aisle/contracts/message'
import { beforeAnySession, SessionRevoked } from '@aisle/contracts/messages/auth'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { recordEnd } from '@aisle/kit/http/revocations'
import type { Client } from '@aisle/kit/http/route'
import { type Session, sessionSeconds } from '@aisle/kit/http/session'
import type { AuthService } from './context.ts'
import { nameDevice } from './device.ts'
import { lockUser } from './queries.ts'
import { expiryOf, isRevoked } from './session.ts'
import type { UserRow } from './user.ts'

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

/** Why a session ended: on its own, or together with all of the user's sessions. */
export type EndReason = NonNullable<Data<typeof SessionRevoked>['session']>['reason']
type EndOfAllReason = Data<typeof SessionRevoked>['reason']

type Begun = { id: string; userId: string; client: Client; authenticatedAt: Date; now: Date }

/** Inserts a new session. An existing one stays unchanged. */
export async function beginSession(sql: Sql, { id, userId, client, authenticatedAt, now }: Begun): Promise<void> {
  await sql`
    insert into sessions (id, user_id, device, address, created_at, authenticated_at, seen_at, expires_at)
    values (${id}, ${userId}, ${nameDevice(client.userAgent)}, ${client.address}, ${authenticatedAt},
            ${authenticatedAt}, ${now}, ${expiryOf(authenticatedAt, now)})
    on conflict on constraint sessions_pkey do nothing`
}

/** Inserts the session of a token from before sessions had rows, unless it exists. */
export const adoptSession = (sql: Sql, session: Session, client: Client, now: Date): Promise<void> =>
  beginSession(sql, { ...session, client, now })

/** Records that a token expiring at `expiresAt` is about to be signed. False if the session has ended. */
export async function extendSession(sql: Sql, id: string, expiresAt: Date): Promise<boolean> {
  const open = await sql`
    update sessions set expires_at = greatest(expires_at, ${expiresAt})
    where id = ${id} and ended_at is null returning 1`
  return open.length > 0
}

/**
 * Locks the user of a session; undefined if it has ended meanwhile. `row` is missing for a session from before sessions
 * had rows: `adoptSession`.
 */
export async function lockCaller(
  sql: Sql,
  session: Session,
): Promise<{ user: UserRow; row: SessionRow | undefined } | undefined> {
  const user = await lockUser(sql, session.userId)
  const [row] = await sql<SessionRow[]>`select * from sessions where id = ${session.id}`
  if (!user || row?.endedAt || isRevoked(session, user.sessionsRevokedBefore)) return undefined
  return { user, row }
}

const seenEveryMs = 5 * 60 * 1000

/**
 * Records that the session is in use, and from where. At most every five minutes, so ordinary page views write
 * nothing.
 */
export async function seeSession(sql: Sql, row: SessionRow, client: Client, now: Date): Promise<void> {
  if (now.getTime() - row.seenAt.getTime() < seenEveryMs) return
  await sql`
    update sessions set seen_at = ${now}, address = ${client.address}, device = ${nameDevice(client.userAgent)}
    where id = ${row.id} and ended_at is null`
}

/** Five minutes longer than a token is valid, to cover the gap between reading the clock and signing. */
const endedForMs = (sessionSeconds + 5 * 60) * 1000

/** Ends one session everywhere. False if it had already ended, or does not belong to `userId`. */
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

/** The message that tells the other services that a session has ended. */
export const toEnd = ({ userId, version, id, until, reason }: End): Data<typeof SessionRevoked> => ({
  userId,
  version,
  revokedBefore: beforeAnySession,
  reason: 'signed-out-everywhere',
  session: { id, until: until.toISOString(), reason },
})

/**
 * Records that a user's sessions have ended, except the one that stays. They are refused because of the
 * revocation by moment (queries.ts).
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

/** Deletes sessions whose last token expired 31 days ago. Resolves to the milliseconds until the next run. */
export async function forgetSessions({ db, clock }: AuthService): Promise<number> {
  const before = new Date(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
  const removed = await db.sql`
    delete from sessions where id = any (array(
      select id from sessions where expires_at < ${before} limit ${rowsAtOnce}))`
  return removed.count === rowsAtOnce ? 1_000 : forgetEveryMs
}
