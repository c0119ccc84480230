// Signs the token of a session unless the session has ended; replays of remembered responses also pass through
// here. `iat` and `auth_time` carry milliseconds, because a revocation and the next sign-in can fall into the
// same second.

import type { SignIn } from '@aisle/kit/http/route'
import { sessionAudience, sessionIssuer, sessionType, severalFactors } from '@aisle/kit/http/session'
import { SignJWT } from 'jose'
import type { AuthService } from './context.ts'
import { expiryOf } from './session.ts'
import { extendSession } from './session-rows.ts'

export async function issueSession({ db, parts, clock }: AuthService, signIn: SignIn): Promise<string | null> {
  const now = clock.now()
  const authenticatedAt = new Date(signIn.authenticatedAt)
  const { sessionId, userId, role, name, provedAt = signIn.authenticatedAt, hasSecondFactor = false } = signIn
  const expiresAt = expiryOf(authenticatedAt, now)
  if (!(await extendSession(db.sql, sessionId, expiresAt))) return null
  return new SignJWT({
    iss: sessionIssuer,
    aud: sessionAudience,
    sub: userId,
    sid: sessionId,
    role,
    name,
    iat: seconds(now),
    auth_time: seconds(authenticatedAt),
    proof_time: seconds(new Date(provedAt)),
    ...(hasSecondFactor ? { amr: [severalFactors] } : {}),
    exp: seconds(expiresAt),
  })
    .setProtectedHeader({ alg: 'EdDSA', typ: sessionType, kid: parts.signingKey.kid })
    .sign(parts.signingKey.privateKey)
}

const seconds = (moment: Date) => moment.getTime() / 1000
