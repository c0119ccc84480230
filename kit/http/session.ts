// Sessions: an EdDSA JWT in a cookie. Only auth can sign one; every service verifies with public keys and caches
// what it has verified.
//
// A verification costs more than the rest of a request, hence the bounded cache. A session is refused by its id, or
// by the time at which its password was given. Both are kept in memory and read again from the database several
// times a second, so that replicas that did not consume the message obey within a second as well.

import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import { v5 } from 'uuid'
import type { Sql } from '../db/database.ts'

export type Session = {
  /** The same in every token of the session, and in no other. */
  readonly id: string
  readonly userId: string
  readonly role: 'user' | 'admin'
  readonly name: string
  /** When the token was signed. */
  readonly issuedAt: Date
  /**
   * When the password was given. A renewed token keeps it, and revocation goes by it: nothing issued later revives
   * a session.
   */
  readonly authenticatedAt: Date
  /** When the user last proved who they are: at the sign-in, or since. */
  readonly provedAt: Date
  /** Whether the user has proved it with a second factor as well, or with one that is as good as two. */
  readonly hasSecondFactor: boolean
}

/** How long a token is valid, in seconds. */
export const sessionSeconds = 12 * 60 * 60
/** How long a session can be renewed after the password was given. */
export const longestSessionDays = 30
/** How long a proof of who the user is counts as fresh, in milliseconds. */
const freshProofMs = 10 * 60 * 1000
/** Whether the user has proved who they are within that time. Times in the future are of a clock that runs ahead. */
export const isFresh = ({ provedAt }: Pick<Session, 'provedAt'>, now: Date): boolean =>
  now.getTime() - provedAt.getTime() < freshProofMs
/** In the claim `amr` (RFC 8176) of a session with a second factor. */
export const severalFactors = 'mfa'
/** The `iss` claim of every token (RFC 7519, 4.1.1). */
export const sessionIssuer = 'aisle'
/** The `aud` claim: the token is for the services of the marketplace, and for no others. */
export const sessionAudience = 'aisle'
/** `typ` in the token's header: another kind of token that the same key may sign one day is not a session. */
export const sessionType = 'session+jwt'

const dayMs = 24 * 60 * 60 * 1000

/**
 * The cookie's name and attributes. `__Host-` and Secure only where the site is https: browsers drop such cookies
 * on plain http.
 */
export function sessionCookie(publicUrl: string) {
  return cookieOf('session', publicUrl, sessionSeconds)
}

/**
 * The cookie by which auth recognises a device. It gives no access to anything, and outlives sessions by up to a
 * year.
 */
export function deviceCookie(publicUrl: string) {
  return cookieOf('device', publicUrl, 365 * 24 * 60 * 60)
}

function cookieOf(name: string, publicUrl: string, maxAge: number) {
  const secure = publicUrl.startsWith('https:')
  return {
    name: secure ? `__Host-${name}` : name,
    options: { path: '/', httpOnly: true, secure, sameSite: 'lax', maxAge } as const,
  }
}

/** More cookies of one name are an attack. */
const mostOfAName = 5

/**
 * The values of the cookies called `name`, in the order of the header, at most five. A browser that also holds one
 * for another path sends both.
 */
export function cookieValues(header: string | undefined, name: string): string[] {
  const values: string[] = []
  for (const pair of header?.split(';') ?? []) {
    const [key, ...rest] = pair.split('=')
    if (key?.trim() === name && values.length < mostOfAName) values.push(rest.join('=').trim())
  }
  return values
}

/**
 * The id of a session whose tokens are from before there were ids. Remove it 12 hours after the last replica that
 * signs such tokens is gone.
 */
export const idOfOldSession = (userId: string, authenticatedAt: Date): string =>
  v5(`${userId} ${authenticatedAt.getTime()}`, '4f0a7f0e-6a55-4f0e-9a3c-9d7b7c6f5e11')

export type Sessions = {
  /**
   * The session of a token, or null when the token is missing, forged, expired or revoked. Invalid tokens never
   * throw.
   */
  verify(token: string | undefined): Promise<Session | null>
  /** The first valid session among the tokens, with its token. */
  find(tokens: readonly string[]): Promise<{ session: Session; token: string } | null>
  /** From now on, this process refuses sessions of `userId` whose password was given at or before `before`. */
  revoke(userId: string, before: Date): void
  /** From now on, this process refuses the session. None of its tokens is valid after `until`. */
  end(sessionId: string, until: Date): void
  /** Calls `hear` whenever a session may have been revoked. It replaces an earlier one. */
  onRevoked(hear: () => void): void
  /** Reads revocations that were recorded since the last call; for a loop. */
  refresh(): Promise<void>
}

const cacheSize = 20_000

/** Verifies sessions with `publicKeys`, a JWK set as JSON (RFC 7517), and reads revocations through `sql`. */
export function createSessions(options: { publicKeys: string; sql: Sql; now: () => Date }): Sessions {
  const { sql, now } = options
  const keys = createLocalJWKSet(JSON.parse(options.publicKeys) as JSONWebKeySet)
  const verified = new Map<string, { session: Session; expiresAt: number }>()
  // Both roughly in the order of time: the entries that no longer matter are at the front.
  const revokedBefore = new Map<string, number>()
  const endedUntil = new Map<string, number>()
  let heard = () => {}
  let seenUpTo = new Date(0)

  const sessions: Sessions = {
    async verify(token) {
      if (!token) return null
      let known = verified.get(token)
      if (!known) {
        const fresh = await check(token)
        if (!fresh) return null
        known = fresh
        // The oldest entry is dropped; a Map keeps the order of insertion.
        if (verified.size >= cacheSize) verified.delete(verified.keys().next().value as string)
        verified.set(token, known)
      }
      const { session, expiresAt } = known
      if (expiresAt <= now().getTime() || endedUntil.has(session.id)) return null
      const revoked = revokedBefore.get(session.userId)
      return revoked !== undefined && session.authenticatedAt.getTime() <= revoked ? null : session
    },
    async find(tokens) {
      for (const token of tokens) {
        const session = await sessions.verify(token)
        if (session) return { session, token }
      }
      return null
    },
    revoke(userId, before) {
      const known = revokedBefore.get(userId) ?? 0
      if (known >= before.getTime()) return
      revokedBefore.delete(userId)
      revokedBefore.set(userId, before.getTime())
      heard()
    },
    end(sessionId, until) {
      if (endedUntil.has(sessionId)) return
      endedUntil.set(sessionId, until.getTime())
      heard()
    },
    onRevoked(hear) {
      heard = hear
    },
    async refresh() {
      const oldest = now().getTime() - longestSessionDays * dayMs
      forget(revokedBefore, oldest)
      forget(endedUntil, now().getTime())
      // A row can commit after one that was recorded later; the overlap of 5 s reads it nevertheless.
      const rows = await sql<Row[]>`
        select user_id, revoked_before, null::uuid as session_id, null::timestamptz as until, recorded_at
        from session_revocations
        where recorded_at > ${seenUpTo}::timestamptz - interval '5 seconds' and revoked_before > ${new Date(oldest)}
        union all
        select null, null, session_id, until, recorded_at from ended_sessions
        where recorded_at > ${seenUpTo}::timestamptz - interval '5 seconds' and until > ${now()}
        order by recorded_at`
      for (const { userId, revokedBefore, sessionId, until } of rows) {
        if (userId && revokedBefore) sessions.revoke(userId, revokedBefore)
        if (sessionId && until) sessions.end(sessionId, until)
      }
      seenUpTo = rows.at(-1)?.recordedAt ?? seenUpTo
    },
  }
  return sessions

  async function check(token: string) {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys, {
        algorithms: ['EdDSA'],
        issuer: sessionIssuer,
        currentDate: now(),
      })
      const { sub, iat, exp, sid, aud, role, name, auth_time: authTime = iat, amr } = payload
      const { proof_time: proofTime = authTime } = payload
      if (!sub || iat === undefined || exp === undefined || (role !== 'user' && role !== 'admin')) return null
      if (typeof authTime !== 'number' || typeof proofTime !== 'number') return null
      // A token without a sid is from before there were ids; it had no audience and no type.
      if (sid !== undefined && (aud !== sessionAudience || protectedHeader.typ !== sessionType)) return null
      const authenticatedAt = moment(authTime)
      const session: Session = {
        id: sid === undefined ? idOfOldSession(sub, authenticatedAt) : String(sid),
        userId: sub,
        role,
        name: String(name ?? ''),
        issuedAt: moment(iat),
        authenticatedAt,
        // Tokens of the previous version lack both claims.
        provedAt: moment(proofTime),
        hasSecondFactor: Array.isArray(amr) && amr.includes(severalFactors),
      }
      return { session, expiresAt: exp * 1000 }
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError) return null
      throw error
    }
  }
}

const moment = (seconds: number) => new Date(Math.round(seconds * 1000))

type Row = {
  userId: string | null
  revokedBefore: Date | null
  sessionId: string | null
  until: Date | null
  recordedAt: Date
}

/** Removes from the front what is older than `before`, in milliseconds since 1970. */
function forget(moments: Map<string, number>, before: number): void {
  for (const [key, moment] of moments) {
    if (moment >= before) return
    moments.delete(key)
  }
}
