// The second factors of a user.

import type { Sql } from '@aisle/kit/db/database'
import { type Refusal, refuse } from '@aisle/kit/errors'
import type { AuthService } from './context.ts'
import type { UserRow } from './user.ts'

/** Whether the user has a second factor. */
export async function hasSecondFactor(sql: Sql, userId: string): Promise<boolean> {
  const found = await sql`select 1 from passkeys where user_id = ${userId} limit 1`
  return found.length > 0
}

/**
 * Refuses a removal that has just left an admin without a second factor, where admins must have one. The user is
 * locked.
 */
export async function refuseWithout(
  sql: Sql,
  { ADMIN_SECOND_FACTOR }: AuthService['config'],
  { id, role }: UserRow,
): Promise<Refusal | null> {
  if (role !== 'admin' || ADMIN_SECOND_FACTOR !== 'required') return null
  return (await hasSecondFactor(sql, id)) ? null : refuse('last-factor')
}
