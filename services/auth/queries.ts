// SQL shared by several features of auth.

import { tidyEmail } from '@aisle/contracts/email'
import type { Data } from '@aisle/contracts/message'
import { type Language, SessionRevoked } from '@aisle/contracts/messages/auth'
import type { Sql, Tx } from '@aisle/kit/db/database'
import { recordRevocation } from '@aisle/kit/http/revocations'
import type { Sessions } from '@aisle/kit/http/session'
import { normalizeEmail, tidyName, type UserRow } from './user.ts'

export type NewUser = {
  id: string
  email: string
  name?: string | undefined
  role: 'user' | 'admin'
  passwordHash: string
  language?: Language | undefined
  /** When the user proved that the email is theirs. */
  emailConfirmedAt?: Date
  now: Date
}

/**
 * Inserts a user. If the address belongs to another account, the new one merely claims it; an admin is not made then.
 * Resolves to undefined if so, or if another transaction has just taken the address. Does not fail, so the transaction
 * stays usable.
 */
export async function insertUser(sql: Sql, user: NewUser): Promise<UserRow | undefined> {
  const { id, email, name, role, passwordHash, language = 'en', emailConfirmedAt = null, now } = user
  const address = normalizeEmail(email)
  // One statement, so that nobody can tell from the time whether the address has an account.
  const [row] = await sql<UserRow[]>`
    insert into users (id, version, email, email_normalized, email_claimed, name, role, password_hash, language,
      email_confirmed_at, asked_to_confirm_at, created_at, updated_at)
    select ${id}, 1, ${email.trim()}, case when owned then null else ${address} end,
      case when owned then ${address} end, ${name === undefined ? null : tidyName(name)}, ${role}::text,
      ${passwordHash}, ${language}, ${emailConfirmedAt}::timestamptz, ${now}::timestamptz, ${now}::timestamptz,
      ${now}::timestamptz
    from (select exists (select from users where email_normalized = ${address}) as owned) address
    where not owned or ${role} = 'user'
    on conflict on constraint users_email_normalized_key do nothing
    returning *`
  return row
}

/**
 * The account that owns this email. An account that still has the old form of its address (normalize-emails.ts) is
 * found only by that form.
 */
export async function findUserByEmail(sql: Sql, email: string): Promise<UserRow | undefined> {
  const tidy = tidyEmail(email)
  const [row] = await sql<UserRow[]>`
    select * from users where email_normalized = any(${[normalizeEmail(email), tidy]})
    order by email_normalized = ${tidy} desc limit 1`
  return row
}

/** The oldest account that claims this email, which belongs to another. */
export async function findClaimer(sql: Sql, email: string): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`
    select * from users where email_claimed = ${normalizeEmail(email)} order by id limit 1`
  return row
}

/** The account that a mail to this email is about: that of the owner who has confirmed it, else the newest. */
export async function findReachable(sql: Sql, email: string): Promise<UserRow | undefined> {
  const spellings = [normalizeEmail(email), tidyEmail(email)]
  const [row] = await sql<UserRow[]>`
    select * from users where email_normalized = any(${spellings}) or email_claimed = any(${spellings})
    order by email_confirmed_at is not null desc, id desc limit 1`
  return row
}

/**
 * Locks the user: no other transaction can change, ban, sign in or erase the user until this one ends. An erased user
 * is found by nobody.
 */
export async function lockUser(sql: Sql, id: string): Promise<UserRow | undefined> {
  const [row] = await sql<UserRow[]>`select * from users where id = ${id} and erased_at is null for update`
  return row
}

/** Publishes the revocation just written to the user's row to this service's replicas and to every other service. */
export async function announceRevocation(
  tx: Tx,
  sessions: Sessions,
  user: UserRow,
  reason: Data<typeof SessionRevoked>['reason'],
): Promise<void> {
  const before = user.sessionsRevokedBefore
  if (before === null)
    throw new Error(`The sessions of ${user.id} are not revoked; write sessions_revoked_before first.`)
  await recordRevocation(tx.sql, user.id, before)
  tx.emit(SessionRevoked, user.id, {
    userId: user.id,
    version: user.version,
    revokedBefore: before.toISOString(),
    reason,
  })
  tx.afterCommit(() => sessions.revoke(user.id, before))
}
