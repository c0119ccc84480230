// The rules of a session: it begins when a password is given and ends at the latest 30 days later. Its tokens are short-lived and renewed silently.
//
// Revocation goes by the moment at which the password was given, which a renewed token keeps. So neither a renewal nor a replayed answer can bring
// back what was revoked, however the two race.

import { longestSessionDays, sessionSeconds } from '@aisle/kit/http/session'

const renewAfterMs = 60 * 60 * 1000
const longestMs = longestSessionDays * 24 * 60 * 60 * 1000

type Moments = { readonly issuedAt: Date; readonly authenticatedAt: Date }

/** Whether the token of this session is to be replaced by a fresh one. */
export const isDueForRenewal = ({ issuedAt, authenticatedAt }: Moments, now: Date): boolean =>
  now.getTime() - issuedAt.getTime() > renewAfterMs && now.getTime() - authenticatedAt.getTime() < longestMs

/** When a token that is signed now ends. */
export const expiryOf = (authenticatedAt: Date, now: Date): Date =>
  new Date(Math.min(now.getTime() + sessionSeconds * 1000, authenticatedAt.getTime() + longestMs))

export const isRevoked = ({ authenticatedAt }: Pick<Moments, 'authenticatedAt'>, revokedBefore: Date | null): boolean =>
  revokedBefore !== null && authenticatedAt <= revokedBefore

/**
 * The moment of a sign-in or revocation, in the order in which the user's row was locked: always later than the revocation before it, even in
 * the same millisecond or by a clock that lags.
 */
export const momentAfter = (revokedBefore: Date | null, now: Date): Date =>
  revokedBefore !== null && now <= revokedBefore ? new Date(revokedBefore.getTime() + 1) : now
