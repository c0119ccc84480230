// notices has made a key for a user. It is told how to reach the user, and gets the links that waited for the key. The
// newest key counts, so the result does not depend on the order or repetition of messages.

import { ContactKeyMade } from '@aisle/contracts/messages/notices'
import { on } from '@aisle/kit/bus/reaction'
import { emitContact, findContactKey } from '../contacts.ts'
import type { AuthService } from '../context.ts'
import { sendUnsent } from '../links.ts'
import { lockUser } from '../queries.ts'
import type { UserRow } from '../user.ts'

export const keepContactKey = on(ContactKeyMade, async (tx, { data }, service: AuthService, { again }) => {
  const { userId, version, publicKey } = data
  const found = await lockUser(tx.sql, userId)
  // A restored database may not know the user any more; and what is sealed for an erased user is nobody's.
  if (!found) return
  const known = await findContactKey(tx.sql, userId)
  const isNew = !known || known.version < version || (again && known.publicKey.kid !== publicKey.kid)
  if (!isNew) return
  tx.send(tx.sql`
    insert into contact_keys (user_id, version, public_key)
    values (${userId}, ${version}, ${JSON.stringify(publicKey)}::text::jsonb)
    on conflict on constraint contact_keys_pkey do update
      set version = excluded.version, public_key = excluded.public_key`)
  const user = known ? await makeNewer(found) : found
  await emitContact(tx, user)
  await sendUnsent(tx, service, user, { version, publicKey })

  /** notices takes a contact only if it is newer than the one that was sealed with the key before. */
  async function makeNewer({ id }: UserRow): Promise<UserRow> {
    const [newer] = await tx.sql<[UserRow]>`update users set version = version + 1 where id = ${id} returning *`
    return newer
  }
})
