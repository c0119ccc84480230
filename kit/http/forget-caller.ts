import type { Tx } from '../db/database.ts'

/**
 * Forgets what the kit has remembered of a user whose account was erased: the answers to their requests, and in the
 * audit log the addresses that they called from. That they did something, and when, stays there until its time is over.
 */
export function forgetCaller({ sql, send }: Tx, userId: string): void {
  // A sign-in or a sign-up is remembered for the address that it came from.
  send(sql`
    delete from idempotency_keys where scope = ${userId} or answer #>> '{signIn,userId}' = ${userId}`)
  send(sql`
    update audit set address = null
    where address is not null and (actor = ${userId} or (actor is null and subject = ${userId}))`)
}
