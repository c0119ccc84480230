// Keeps how people are reached. Each account gets a key pair as soon as it is heard of, and auth seals with its public
// half. When an address is confirmed, the mails that waited for that are sent.

import { UserContact, UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { ContactKeyMade } from '@aisle/contracts/messages/notices'
import { on } from '@aisle/kit/bus/reaction'
import type { Tx } from '@aisle/kit/db/database'
import { makeKeyPair } from '@aisle/kit/sealed'
import type { NoticesService } from '../context.ts'
import type { Kind } from '../kinds.ts'
import { mailWorkOf } from '../mail/send.ts'

const makeKey = async (tx: Tx, { data }: { data: { id: string } }, { clock }: NoticesService): Promise<void> => {
  const [known] = await tx.sql`
    select 1 from contact_keys where user_id = ${data.id} union all select 1 from erased_users where user_id = ${data.id}`
  if (known) return
  const { publicKey, privateKey } = await makeKeyPair()
  const made = await tx.sql`
    insert into contact_keys (user_id, version, private_key, made_at)
    values (${data.id}, 1, ${JSON.stringify(privateKey)}::text::jsonb, ${clock.now()})
    on conflict on constraint contact_keys_pkey do nothing returning 1`
  if (made.length > 0) tx.emit(ContactKeyMade, data.id, { userId: data.id, version: 1, publicKey })
}

export const keepKeys = [on(UserCreated, makeKey), on(UserUpdated, makeKey)]

export const keepContact = on(UserContact, async (tx, { data }, _service: NoticesService, { again }) => {
  const { id, version, sealed, language, confirmed } = data
  await tx.sql`
    insert into contacts as c (user_id, version, sealed, language, confirmed)
    select ${id}, ${version}, ${sealed}, ${language}, ${confirmed}
    where not exists (select from erased_users where user_id = ${id})
    on conflict on constraint contacts_pkey do update set version = excluded.version, sealed = excluded.sealed,
      language = excluded.language, confirmed = excluded.confirmed
    where c.version < excluded.version or ${again}`
  if (confirmed) await sendWaiting(tx, id)
})

/** Asks again for the mails that waited; their first work is done, so the key is another one. */
async function sendWaiting(tx: Tx, userId: string): Promise<void> {
  const waiting = await tx.sql<{ id: string; kind: Kind }[]>`
    update deliveries d set status = 'queued', why = null from notices n
    where d.user_id = ${userId} and d.status = 'waiting' and n.id = d.notice_id
    returning n.id, n.kind`
  for (const { id, kind } of waiting)
    await tx.later(mailWorkOf(kind), `${id}-confirmed`, { noticeId: id }, { subject: id })
}
