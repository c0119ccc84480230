// The rules of a session: it starts when the password is entered and ends at most 30 days later. Its tokens are
// short-lived and renewed silently.
//
// Revocation compares against the moment the password was entered, which renewed tokens keep. So neither a
// renewal nor a replayed response can revive a revoked session, however they race.

import { longestSessionDays, sessionSeconds } from '@aisle/kit/http/session'

const renewAfterMs = 60 * 60 * 1000
const longestMs = longestSessionDays * 24 * 60 * 60 * 1000

type Moments = { readonly issuedAt: Date; readonly authenticatedAt: Date }

/** Whether this session's token should be replaced by a fresh one. */
export const isDueForRenewal = ({ issuedAt, authenticatedAt }: Moments, now: Date): boolean =>
  now.getTime() - issuedAt.getTime() > renewAfterMs && now.getTime() - authenticatedAt.getTime() < longestMs

/** When a token signed now expires. */
export const expiryOf = (authenticatedAt: Date, now: Date): Date =>
  new Date(Math.min(now.getTime() + sessionSeconds * 1000, authenticatedAt.getTime() + longestMs))

export const isRevoked = ({ authenticatedAt }: Pick<Moments, 'authenticatedAt'>, revokedBefore: Date | null): boolean =>
  revokedBefore !== null && authenticatedAt <= revokedBefore

/**
 * The moment of a sign-in or revocation, in the order in which the user's row was locked. It is always later
 * than the previous revocation, even within the same millisecond or on a clock that lags.
 */
export const momentAfter = (revokedBefore: Date | null, now: Date): Date =>
  revokedBefore !== null && now <= revokedBefore ? new Date(revokedBefore.getTime() + 1) : now
