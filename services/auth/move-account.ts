// An account moves to another address, by the link that was sent to it, or back to the old one.

import { UserSecured, UserUpdated } from '@aisle/contracts/messages/auth'
import type { Tx } from '@aisle/kit/db/database'
import { takeAddress } from './confirmation.ts'
import { emitContact } from './contacts.ts'
import type { AuthService } from './context.ts'
import { askForLink, type LinkRow, useUpLinks } from './links.ts'
import { normalizeEmail, toSecured, toState, type UserRow } from './user.ts'

/** The link to the new address was used. False if another account has confirmed that address. */
export async function changeAddress(tx: Tx, service: AuthService, user: UserRow, link: LinkRow, now: Date) {
  const moved = await moveAddress(tx, user, link.address!, now)
  if (!moved) return false
  const { id: userId } = user
  useUpLinks(tx, { userId, purposes: ['change-address', 'confirm-address', 'reset-password'], now })
  // An address that was never confirmed may be a stranger's.
  if (user.emailConfirmedAt && normalizeEmail(user.email) !== moved.emailNormalized)
    await askForLink(tx, { id: service.newId(), userId, purpose: 'undo-address', address: user.email, now })
  tx.emit(UserSecured, userId, toSecured(moved, 'address-changed', now))
  return true
}

/**
 * Moves the user, locked by `tx`, to another address that they have confirmed, and tells everyone. Null if another
 * account has confirmed it.
 */
export async function moveAddress(tx: Tx, user: UserRow, email: string, now: Date): Promise<UserRow | null> {
  const address = normalizeEmail(email)
  if (address !== user.emailNormalized && !(await takeAddress(tx, address))) return null
  const [moved] = await tx.sql<[UserRow]>`
    update users set version = version + 1, email = ${email}, email_normalized = ${address}, email_claimed = null,
      email_confirmed_at = ${now}, updated_at = ${now}
    where id = ${user.id} returning *`
  tx.emit(UserUpdated, user.id, toState(moved))
  await emitContact(tx, moved)
  return moved
}
