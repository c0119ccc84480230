// An address is confirmed: by whoever has the link that was sent to it, or by an operator. Of all accounts with the
// address, the first to confirm it owns it from then on.

import { UserUpdated } from '@aisle/contracts/messages/auth'
import type { Tx } from '@aisle/kit/db/database'
import { emitContact } from './contacts.ts'
import { useUpLinks } from './links.ts'
import { toState, type UserRow } from './user.ts'

/**
 * Confirms the address of the user, locked by `tx`, and tells everyone; also if it was confirmed before. False if
 * another account has confirmed the address.
 */
export async function confirmUser(tx: Tx, user: UserRow, now: Date): Promise<boolean> {
  if (user.emailClaimed !== null && !(await takeAddress(tx, user.emailClaimed))) return false
  const [confirmed] = await tx.sql<[UserRow]>`
    update users set version = version + 1, email_normalized = coalesce(email_normalized, email_claimed),
      email_claimed = null, email_confirmed_at = coalesce(email_confirmed_at, ${now}), updated_at = ${now}
    where id = ${user.id} returning *`
  useUpLinks(tx, { userId: user.id, purposes: ['confirm-address'], now })
  tx.emit(UserUpdated, user.id, toState(confirmed))
  await emitContact(tx, confirmed)
  return true
}

/** Takes the address from an account that has not confirmed it; false if the account has. */
export async function takeAddress({ sql }: Tx, address: string): Promise<boolean> {
  // Those who claim an address take turns.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`address ${address}`}, 0))`
  const [owner] = await sql<{ id: string; emailConfirmedAt: Date | null }[]>`
    select id, email_confirmed_at from users where email_normalized = ${address} for update`
  if (owner?.emailConfirmedAt) return false
  if (owner)
    await sql`update users set email_claimed = email_normalized, email_normalized = null where id = ${owner.id}`
  return true
}
