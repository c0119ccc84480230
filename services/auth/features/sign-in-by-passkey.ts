// A user signs in by a passkey, which is both factors: something they have, and the finger, face or PIN that unlocks
// it. The lock of the user's row guards, as at a sign-in with a password: a ban or a revocation at the same time
// either refuses or ends the session.

import { signInByPasskey as endpoint } from '@aisle/contracts/api/passkeys'
import { refuse } from '@aisle/kit/errors'
import { procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { letIn } from '../let-in.ts'
import { usePasskey } from '../passkeys.ts'

export const signInByPasskey = procedure(endpoint, async (request, service: AuthService) => {
  const { body, origin } = request
  const { db, audit } = service
  return db.tx(async (tx) => {
    const use = await usePasskey(tx, service, body.passkey, { purpose: 'sign-in' })
    if (!use.ok) {
      const { userId, why } = use
      audit.count(request, { action: 'sign-in', subject: userId, outcome: 'invalid-passkey', detail: why })
      return refuse('invalid-passkey')
    }
    const { user } = use
    if (user.bannedAt) {
      audit.count(request, { action: 'sign-in', subject: user.id, outcome: 'banned' })
      return refuse('banned')
    }
    return letIn(tx, service, request, user, { hasSecondFactor: true })
  }, origin)
})
