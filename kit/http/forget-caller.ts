// What the kit forgets of a user whose account was erased. Refusals are counted in memory (audit.ts) and answers are
// remembered by transactions that had begun before, so some of it is written after the erasure: it goes with a second
// pass.

import type { Database, Tx } from '../db/database.ts'

/** Longer than a request takes, and the second in which a refusal is written. */
const lateMinutes = 10
const usersAtOnce = 20

/**
 * Forgets what the kit has remembered of a user whose account was erased: the answers to their requests, and in the
 * audit log the addresses that they called from. That they did something, and when, stays there until its time is over.
 */
export function forgetCaller(tx: Tx, userId: string): void {
  forget(tx, userId)
  tx.send(tx.sql`
    insert into forgotten_callers (user_id) values (${userId})
    on conflict on constraint forgotten_callers_pkey do nothing`)
}

/** Forgets what came late of those who were forgotten ten minutes ago or earlier, twenty users at once. */
export async function forgetLateCalls(db: Pick<Database, 'tx'>): Promise<void> {
  await db.tx(async (tx) => {
    const due = await tx.sql<{ userId: string }[]>`
      delete from forgotten_callers where user_id = any (array(
        select user_id from forgotten_callers
        where at < now() - ${lateMinutes}::int * interval '1 minute' order by at limit ${usersAtOnce}))
      returning user_id`
    for (const { userId } of due) forget(tx, userId)
  })
}

function forget({ sql, send }: Tx, userId: string): void {
  // A sign-in or a sign-up is remembered for the address that it came from.
  send(sql`
    delete from idempotency_keys where scope = ${userId} or answer #>> '{signIn,userId}' = ${userId}`)
  send(sql`
    update audit set address = null
    where address is not null and (actor = ${userId} or (actor is null and subject = ${userId}))`)
}
