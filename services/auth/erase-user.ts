// Erases an account: what is left of it is its id, and that it was erased. The address is free for another account.
// Everything goes in one transaction with the message that makes the other services forget the person, too.

import { UserErased } from '@aisle/contracts/messages/auth'
import type { Tx } from '@aisle/kit/db/database'
import { forgetCaller } from '@aisle/kit/http/forget-caller'
import type { AuthService } from './context.ts'
import { forgetCodeGuessesOf, forgetGuessesOf } from './password-guesses.ts'
import { announceRevocation } from './queries.ts'
import { momentAfter } from './session.ts'
import type { UserRow } from './user.ts'

/** What auth has about a user besides `users`. */
export const tablesOfUser = [
  'sessions',
  'links',
  'contact_keys',
  'authenticators',
  'recovery_codes',
  'second_steps',
  'passkeys',
  'passkey_challenges',
] as const

/** Erases the user, locked by `tx`. */
export async function eraseUser(tx: Tx, user: UserRow, service: AuthService, now: Date): Promise<void> {
  const { id } = user
  const { sql } = tx
  const [erased] = await sql<[UserRow]>`
    update users set version = version + 1, erased_at = ${now}, updated_at = ${now}, email = '', email_normalized = null,
      email_claimed = null, email_confirmed_at = null, name = null, phone = null, password_hash = '', language = 'en',
      banned_at = null, ban_reason = null, sessions_revoked_before = ${momentAfter(user.sessionsRevokedBefore, now)}
    where id = ${id} returning *`
  for (const table of tablesOfUser) tx.send(sql`delete from ${sql(table)} where user_id = ${id}`)
  // The counts of an address that is another account's are that account's.
  if (user.emailNormalized !== null) await forgetGuessesOf(sql, service, user.email)
  await forgetCodeGuessesOf(sql, service, id)
  forgetCaller(tx, id)
  await announceRevocation(tx, service.sessions, erased, 'signed-out-everywhere')
  tx.emit(UserErased, id, { userId: id, version: erased.version })
}
