// The end of every sign-in, whatever it was proved with: a session for a user whose row is locked. The device's
// previous session ends, and the user is told of a device that has not signed in before.

import type { User } from '@aisle/contracts/entities'
import { UserSecured } from '@aisle/contracts/messages/auth'
import type { Tx } from '@aisle/kit/db/database'
import { type Answer, answer, type Client } from '@aisle/kit/http/route'
import type { Session } from '@aisle/kit/http/session'
import type { AuthService } from './context.ts'
import { nameDevice } from './device.ts'
import { momentAfter } from './session.ts'
import { beginSession, endSession } from './session-rows.ts'
import { toSecured, toSignIn, toUser, type UserRow } from './user.ts'

type Caller = { readonly session: Session | null; readonly client: Client }

export async function letIn(
  tx: Tx,
  service: AuthService,
  request: Caller,
  user: UserRow,
  { hasSecondFactor }: Pick<Session, 'hasSecondFactor'>,
): Promise<Answer<User>> {
  const { clock, newId, audit, parts } = service
  const { client, session } = request
  if (session) await endSession(tx, service, session, 'replaced')
  const now = clock.now()
  const authenticatedAt = momentAfter(user.sessionsRevokedBefore, now)
  const id = newId()
  await beginSession(tx.sql, { id, userId: user.id, client, authenticatedAt, now })
  audit.write(tx, request, { action: 'sign-in', subject: user.id, actor: user.id, sessionId: id })
  if (parts.knownDevices.know(client.device, user.id) === null)
    tx.emit(UserSecured, user.id, toSecured(user, 'new-device', now, nameDevice(client.userAgent)))
  const device = parts.knownDevices.remember(client.device, user.id)
  const begun = { id, authenticatedAt, provedAt: authenticatedAt, hasSecondFactor }
  return answer(toUser(user), { signIn: { ...toSignIn(user, begun), device } })
}
