// A user signs out on this device: the session ends, and every service refuses its tokens within a second,
// copies included. Other devices stay signed in.

import { signOut as endpoint } from '@aisle/contracts/api/users'
import { answer, command } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { adoptSession, endSession } from '../session-rows.ts'

export const signOut = command(endpoint, async (tx, request, service: AuthService) => {
  const { session, client, now } = request
  if (session) {
    await adoptSession(tx.sql, session, client, now)
    const ended = await endSession(tx, service, session, 'signed-out')
    if (ended) service.audit.write(tx, request, { action: 'sign-out', subject: session.userId })
  }
  return answer({}, { signIn: null })
})
