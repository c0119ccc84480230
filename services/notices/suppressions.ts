// Addresses that get no mail: they refused one for good, or their owner complained about one. It ends when the owner
// says that the address works again (features/reach-again.ts).

import type { SealedContact } from '@aisle/contracts/messages/auth'
import { contactPurpose } from '@aisle/contracts/messages/auth'
import type { Sql } from '@aisle/kit/db/database'
import { unseal } from '@aisle/kit/sealed'
import type { JWK } from 'jose'
import { addressMac } from './address-mac.ts'
import type { NoticesService } from './context.ts'

export type Suppression = { mac: Buffer; reason: 'refused' | 'complained' }

/** Whether an address gets no mail at the moment, and why not. */
export async function suppressionOf(sql: Sql, mac: Buffer): Promise<Suppression['reason'] | null> {
  const [row] = await sql<{ reason: Suppression['reason'] }[]>`
    select reason from suppressions where address_mac = ${mac} and (lifted_at is null or lifted_at < at)`
  return row?.reason ?? null
}

/**
 * Suppresses an address from `at` on, because of a mail that was sent at `sentAt`. What was sent before its owner said
 * that the address works again is no news.
 */
export const suppress = (sql: Sql, { mac, reason }: Suppression, { sentAt, at }: { sentAt: Date; at: Date }) => sql`
  insert into suppressions as s (address_mac, reason, at) values (${mac}, ${reason}, ${at})
  on conflict on constraint suppressions_pkey do update set reason = excluded.reason, at = excluded.at
  where s.lifted_at >= s.at and s.lifted_at < ${sentAt}`

/** A person's address as auth said it last; null while none is known, or when the account was erased. */
export async function ownAddress(
  { db: { sql }, config }: Pick<NoticesService, 'db' | 'config'>,
  userId: string,
): Promise<{ mac: Buffer; isConfirmed: boolean } | null> {
  const [row] = await sql<{ privateKey: JWK; sealed: string; confirmed: boolean }[]>`
    select k.private_key, c.sealed, c.confirmed from contacts c join contact_keys k using (user_id)
    where c.user_id = ${userId} and c.sealed is not null`
  const contact = row && (await unseal<SealedContact>(row.privateKey, contactPurpose, row.sealed))
  return contact ? { mac: addressMac(config.MAIL_SECRET, contact.address), isConfirmed: row.confirmed } : null
}
