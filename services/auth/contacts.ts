// What notices alone may know of a user: the address and the name, sealed with the newest key that notices made for
// the user. Auth sends no mail, and publishes no address that anyone else can read.

import { contactPurpose, type SealedContact, UserContact } from '@aisle/contracts/messages/auth'
import type { SealingKey } from '@aisle/contracts/sealing-key'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { seal } from '@aisle/kit/sealed'
import { toContact, type UserRow } from './user.ts'

export type ContactKey = { readonly version: number; readonly publicKey: SealingKey }

/** The newest key of the user. Lock the user first: the key may be about to come. */
export async function findContactKey(sql: Sql, userId: string): Promise<ContactKey | undefined> {
  const [row] = await sql<ContactKey[]>`select version, public_key from contact_keys where user_id = ${userId}`
  return row
}

/** What notices is told of the user. */
export async function sealContact(user: UserRow, { publicKey }: Pick<ContactKey, 'publicKey'>) {
  const contact: SealedContact = { address: user.email, name: user.name }
  return { ...toContact(user), sealed: await seal(publicKey, contactPurpose, contact) }
}

/** Tells notices how to reach the user, locked by `tx`. Without a key it is told when the key comes. */
export async function emitContact(tx: Tx, user: UserRow): Promise<void> {
  const key = await findContactKey(tx.sql, user.id)
  if (key) tx.emit(UserContact, user.id, await sealContact(user, key))
}
