// An address is confirmed: by its owner's link, or by an operator.

import { UserUpdated } from '@aisle/contracts/messages/auth'
import type { Tx } from '@aisle/kit/db/database'
import { emitContact } from './contacts.ts'
import { toState, type UserRow } from './user.ts'

/** Confirms the address of the user, locked by `tx`, and tells everyone; also if it was confirmed before. */
export async function confirmUser(tx: Tx, { id }: UserRow, now: Date): Promise<UserRow> {
  const [confirmed] = await tx.sql<[UserRow]>`
    update users set version = version + 1, email_confirmed_at = coalesce(email_confirmed_at, ${now}),
      updated_at = ${now}
    where id = ${id} returning *`
  tx.emit(UserUpdated, id, toState(confirmed))
  await emitContact(tx, confirmed)
  return confirmed
}
