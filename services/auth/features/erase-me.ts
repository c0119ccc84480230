// A user has their account erased. The wish is committed first; the answer waits until the services have decided,
// which is usually at once. When the account is gone, so is the session.

import { askErasure as askEndpoint, myErasure as showEndpoint } from '@aisle/contracts/api/users'
import { ErasureAnsweredByOrders } from '@aisle/contracts/messages/orders'
import { ErasureAnsweredByPayments } from '@aisle/contracts/messages/payments'
import { on } from '@aisle/kit/bus/reaction'
import { isRefusal, refuse } from '@aisle/kit/errors'
import { answer, procedure, query } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { askForErasure, readErasure, takeAnswer } from '../erasures.ts'
import { lockCaller } from '../session-rows.ts'

/** Shorter than the patience of what stands between: gateways and clients give up after 15 s or more. */
const waitsForMs = 10_000

export const askErasure = procedure(askEndpoint, async (request, service: AuthService) => {
  const { session, origin } = request
  const { db, clock, arrivals, audit } = service
  const { userId } = session
  const asked = await db.tx(async (tx) => {
    const caller = await lockCaller(tx.sql, session)
    if (!caller) return refuse('not-signed-in')
    const { user } = caller
    if (user.role === 'admin') return refuse('forbidden', { message: 'The account of an admin cannot be erased.' })
    await askForErasure(tx, user, 'user', clock.now())
    audit.write(tx, request, { action: 'erasure', subject: userId, outcome: 'asked' })
    return null
  }, origin)
  if (isRefusal(asked)) return asked
  let erasure = await readErasure(db.sql, userId)
  await arrivals.change(
    userId,
    async () => {
      erasure = await readErasure(db.sql, userId)
      return erasure.status === 'asked' ? null : erasure
    },
    waitsForMs,
  )
  return answer(erasure, erasure.status === 'done' ? { signIn: null } : {})
})

export const myErasure = query(showEndpoint, async ({ session }, { db }: AuthService) =>
  answer(await readErasure(db.sql, session.userId), { headers: { 'cache-control': 'no-store' } }),
)

export const hearAnswers = [
  on(ErasureAnsweredByOrders, (tx, { data }, service: AuthService) => takeAnswer(tx, 'orders', data, service)),
  on(ErasureAnsweredByPayments, (tx, { data }, service: AuthService) => takeAnswer(tx, 'payments', data, service)),
]
