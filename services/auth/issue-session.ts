// Signs the token of a session. `iat` and `auth_time` carry milliseconds: a revocation and the sign-in after it can fall into one second.

import type { SignIn } from '@aisle/kit/http/route'
import { sessionIssuer } from '@aisle/kit/session'
import { SignJWT } from 'jose'
import type { AuthService } from './context.ts'
import { expiryOf } from './session.ts'

export async function issueSession({ parts: { signingKey }, clock }: AuthService, signIn: SignIn): Promise<string> {
  const now = clock.now()
  const authenticatedAt = new Date(signIn.authenticatedAt)
  const { userId, role, name } = signIn
  return new SignJWT({
    iss: sessionIssuer,
    sub: userId,
    role,
    name,
    iat: seconds(now),
    auth_time: seconds(authenticatedAt),
    exp: seconds(expiryOf(authenticatedAt, now)),
  })
    .setProtectedHeader({ alg: 'EdDSA', kid: signingKey.kid })
    .sign(signingKey.privateKey)
}

const seconds = (moment: Date) => moment.getTime() / 1000
