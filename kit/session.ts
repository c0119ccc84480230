// Sessions: an EdDSA JWT in a cookie. Only auth can sign one; every service verifies with public keys and remembers what it has verified.
//
// A verification costs more than the rest of a request, hence the bounded cache. Revocation is a moment per user, kept in memory and read again
// from the database several times a second, so that replicas that did not hear the message themselves obey within a second too.

import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Sql } from './db/database.ts'

export type Session = {
  readonly userId: string
  readonly role: 'user' | 'admin'
  readonly name: string
  /** When the token was signed. */
  readonly issuedAt: Date
  /** When the password was given. A token that is issued again keeps it, and revocation goes by it: nothing issued later revives a session. */
  readonly authenticatedAt: Date
}

export const sessionSeconds = 12 * 60 * 60
export const sessionIssuer = 'aisle'

/** The cookie's name and attributes. `__Host-` and Secure only where the site is https: browsers drop such cookies on plain http. */
export function sessionCookie(publicUrl: string) {
  const secure = publicUrl.startsWith('https:')
  return {
    name: secure ? '__Host-session' : 'session',
    options: { path: '/', httpOnly: true, secure, sameSite: 'lax', maxAge: sessionSeconds } as const,
  }
}

export type Sessions = {
  /** The session of a token, or null when it is missing, forged, expired or revoked. Never throws. */
  verify(token: string | undefined): Promise<Session | null>
  /** From now on, sessions of `userId` whose password was given at or before `before` are refused in this process. */
  revoke(userId: string, before: Date): void
  /** Reads revocations that were recorded since the last call; for a loop. */
  refresh(): Promise<void>
}

const cacheSize = 20_000

export function createSessions(options: { publicKeys: string; sql: Sql; now: () => Date }): Sessions {
  const { sql, now } = options
  const keys = createLocalJWKSet(JSON.parse(options.publicKeys) as JSONWebKeySet)
  const verified = new Map<string, { session: Session; expiresAt: number }>()
  const revokedBefore = new Map<string, number>()
  let seenUpTo = new Date(0)

  return {
    async verify(token) {
      if (!token) return null
      let known = verified.get(token)
      if (!known) {
        const fresh = await check(token)
        if (!fresh) return null
        known = fresh
        // The oldest entry goes; a Map keeps the order of insertion.
        if (verified.size >= cacheSize) verified.delete(verified.keys().next().value as string)
        verified.set(token, known)
      }
      if (known.expiresAt <= now().getTime()) return null
      const revoked = revokedBefore.get(known.session.userId)
      return revoked !== undefined && known.session.authenticatedAt.getTime() <= revoked ? null : known.session
    },
    revoke(userId, before) {
      revokedBefore.set(userId, Math.max(before.getTime(), revokedBefore.get(userId) ?? 0))
    },
    async refresh() {
      // A row can commit after one that was recorded later; the overlap of 5 s reads it all the same.
      const rows = await sql<{ userId: string; revokedBefore: Date; recordedAt: Date }[]>`
        select user_id, revoked_before, recorded_at from session_revocations
        where recorded_at > ${seenUpTo}::timestamptz - interval '5 seconds' order by recorded_at`
      for (const row of rows) this.revoke(row.userId, row.revokedBefore)
      seenUpTo = rows.at(-1)?.recordedAt ?? seenUpTo
    },
  }

  async function check(token: string) {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['EdDSA'],
        issuer: sessionIssuer,
        currentDate: now(),
      })
      const { sub, iat, exp, role, name, auth_time: authTime = iat } = payload
      if (!sub || iat === undefined || exp === undefined || (role !== 'user' && role !== 'admin')) return null
      if (typeof authTime !== 'number') return null
      const session: Session = {
        userId: sub,
        role,
        name: String(name ?? ''),
        issuedAt: new Date(Math.round(iat * 1000)),
        authenticatedAt: new Date(Math.round(authTime * 1000)),
      }
      return { session, expiresAt: exp * 1000 }
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError) return null
      throw error
    }
  }
}
