// Somebody makes an account and is signed in. One account an email, whatever its letter case: of two sign-ups at once one gets 409,
// guarded by users_email_normalized_key. The password is hashed before the transaction, which would hold back the message log meanwhile.

import { signUp as endpoint } from '@aisle/contracts/api/users'
import { UserCreated } from '@aisle/contracts/messages/auth'
import { refuse } from '@aisle/kit/errors'
import { answer, procedure } from '@aisle/kit/http/route'
import type { AuthService } from '../context.ts'
import { insertUser } from '../queries.ts'
import { toSignIn, toState, toUser } from '../user.ts'

export const signUp = procedure(endpoint, async ({ body, now, origin }, { db, newId, parts }: AuthService) => {
  const { email, name } = body
  const passwordHash = await parts.passwords.hash(body.password)
  return db.tx(async (tx) => {
    const user = await insertUser(tx.sql, { id: newId(), email, name, role: 'user', passwordHash, now })
    if (!user) return refuse('email-in-use', { field: 'email' })
    tx.emit(UserCreated, user.id, toState(user))
    return answer(toUser(user), { signIn: toSignIn(user, now) })
  }, origin)
})
