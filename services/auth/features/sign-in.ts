// A user signs in. An unknown email and a wrong password get the same response after the same work; a ban, and that a
// second step is needed, are revealed only to a client that knows the password. The row is read again under a lock
// that bans, revocations and new factors also take, so a concurrent sign-in is either refused or revoked.

import { signIn as endpoint } from '@aisle/contracts/api/users'
import type { Tx } from '@aisle/kit/db/database'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { methodsOf } from '../factors.ts'
import { type Found, searchByPassword } from '../find-by-password.ts'
import { letIn } from '../let-in.ts'
import { lockUser } from '../queries.ts'
import { beginStep } from '../second-steps.ts'
import { momentAfter } from '../session.ts'

export const signIn = procedure(endpoint, async (request, service: AuthService) => {
  const { body, client, origin } = request
  const { db, parts, clock, audit } = service
  const search = searchByPassword(service, { ...body, device: client.device })

  for (;;) {
    const result = await search()
    if (isRefusal(result)) return result
    const { found, owner } = result
    if (!found) {
      audit.count(request, { action: 'sign-in', subject: owner?.id, outcome: 'invalid-credentials' })
      return refuse('invalid-credentials')
    }
    const freshHash = found.isOutdated ? await parts.passwords.hash(body.password) : null
    const begun = await db.tx((tx) => begin(tx, found, freshHash), origin)
    if (begun !== 'changed') return begun
  }

  async function begin(tx: Tx, { user: known, wasRight }: Found, freshHash: string | null) {
    const user = await lockUser(tx.sql, known.id)
    // The password was changed meanwhile, or another sign-in replaced its hash.
    if (user?.passwordHash !== known.passwordHash) return 'changed'
    if (user.bannedAt) {
      audit.count(request, { action: 'sign-in', subject: user.id, outcome: 'banned' })
      return refuse('banned')
    }
    if (freshHash) await tx.sql`update users set password_hash = ${freshHash} where id = ${user.id}`
    await wasRight(tx.sql)
    const methods = await methodsOf(tx.sql, user.id)
    if (methods.length === 0) return letIn(tx, service, request, user, { hasSecondFactor: false })
    const now = clock.now()
    const authenticatedAt = momentAfter(user.sessionsRevokedBefore, now)
    const challenge = await beginStep(tx.sql, { userId: user.id, authenticatedAt, now })
    audit.count(request, { action: 'sign-in', subject: user.id, outcome: 'second-step-needed' })
    return refuse('second-step-needed', { extra: { challenge, methods } })
  }
})
