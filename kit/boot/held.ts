// What a service holds about a person, declared so that the person gets all of it: see http/personal-data-route.ts.
// docs/privacy.md lists every part, and tests/privacy.test.ts compares it with the tables of the databases.

import type { Sql } from '../db/database.ts'

export type Held = {
  /** What it is called in an export, in lower case with dashes. */
  readonly part: string
  /** The tables that it is in. */
  readonly tables: readonly string[]
  /**
   * Selects the entries about a user, with the text `key`, which is unique and orders them. Every other column is
   * exported under its name; none tells anything about somebody else.
   */
  readonly select: (sql: Sql, userId: string) => ReturnType<Sql>
}

/** What every service holds because of the kit. */
export const heldByKit: readonly Held[] = [
  {
    part: 'record',
    tables: ['audit'],
    // What others did to the person is theirs, too, but not who did it from where. A wrong password is recorded for the
    // account that owns the address: of several with it, none may learn which that is.
    select: (sql, userId) => sql`
      select id::text as key, at, action, outcome, times, case when actor = ${userId} then address end as address,
        case when actor = ${userId} then detail end as detail
      from audit
      where actor = ${userId}
        or (subject = ${userId} and not (actor is null and outcome = 'invalid-credentials'))`,
  },
  {
    part: 'repeated-requests',
    tables: ['idempotency_keys'],
    select: (sql, userId) => sql`
      select key, status, created_at from idempotency_keys where scope = ${userId}`,
  },
]
