// A user gets other recovery codes: for a lost list, or when few are left. The earlier ones end.

import { makeRecoveryCodes as endpoint } from '@aisle/contracts/api/users'
import { UserSecured } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { methodsOf } from '../factors.ts'
import { makeCodes, replaceCodes } from '../recovery-codes.ts'
import { lockCaller } from '../session-rows.ts'
import { toSecured } from '../user.ts'

export const makeRecoveryCodes = procedure(endpoint, async (request, { db, clock, audit }: AuthService) => {
  const { session, origin } = request
  const made = await makeCodes()
  return db.tx(async (tx) => {
    const caller = await lockCaller(tx.sql, session)
    if (!caller) return refuse('not-signed-in')
    const { user } = caller
    if ((await methodsOf(tx.sql, user.id)).length === 0) return refuse('no-second-factor')
    const now = clock.now()
    await replaceCodes(tx, user.id, made, now)
    audit.write(tx, request, { action: 'recovery-codes-made', subject: user.id })
    tx.emit(UserSecured, user.id, toSecured(user, 'recovery-codes-made', now))
    return answer({ recoveryCodes: [...made.codes] })
  }, origin)
})
