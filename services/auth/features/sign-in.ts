// A user signs in. An unknown email and a wrong password get the same response after the same work; a ban is
// revealed only to a client that knows the password. The row is read again under a lock that bans and
// revocations also take, so a concurrent sign-in is either refused or revoked. The device's previous session
// ends.

import { signIn as endpoint } from '@aisle/contracts/api/users'
import { UserSecured } from '@aisle/contracts/messages/auth'
import type { Tx } from '@aisle/kit/db/database'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { nameDevice } from '../device.ts'
import { type Found, searchByPassword } from '../find-by-password.ts'
import { lockUser } from '../queries.ts'
import { momentAfter } from '../session.ts'
import { beginSession, endSession } from '../session-rows.ts'
import { toSecured, toSignIn, toUser } from '../user.ts'

export const signIn = procedure(endpoint, async (request, service: AuthService) => {
  const { body, client, session, origin } = request
  const { db, parts, clock, newId, audit } = service
  const { passwords, knownDevices } = parts
  const search = searchByPassword(service, { ...body, device: client.device })

  for (;;) {
    const result = await search()
    if (isRefusal(result)) return result
    const { found, owner } = result
    if (!found) {
      audit.count(request, { action: 'sign-in', subject: owner?.id, outcome: 'invalid-credentials' })
      return refuse('invalid-credentials')
    }
    const freshHash = found.isOutdated ? await passwords.hash(body.password) : null
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
    if (session) await endSession(tx, service, session, 'replaced')
    const now = clock.now()
    const authenticatedAt = momentAfter(user.sessionsRevokedBefore, now)
    const sessionId = newId()
    await beginSession(tx.sql, { id: sessionId, userId: user.id, client, authenticatedAt, now })
    audit.write(tx, request, { action: 'sign-in', subject: user.id, actor: user.id, sessionId })
    if (knownDevices.know(client.device, user.id) === null)
      tx.emit(UserSecured, user.id, toSecured(user, 'new-device', now, nameDevice(client.userAgent)))
    const device = knownDevices.remember(client.device, user.id)
    const begun = { id: sessionId, authenticatedAt, provedAt: authenticatedAt, hasSecondFactor: false }
    return answer(toUser(user), { signIn: { ...toSignIn(user, begun), device } })
  }
})
