// What a service holds about a person, declared so that the person gets all of it: see http/personal-data-route.ts.
// docs/privacy.md lists every part, and tests/privacy.test.ts compares it with the tables of the databases.

import type { Sql } from '../db/database.ts'

export type Held = {
  /** What it is called in an export, in lower case with dashes. */
  readonly part: string
  /** The tables that it is in. */
  readonly tables: readonly string[]
  /** What kind of values its keys are. An index on the user and a key that is an id makes a page cost what it shows. */
  readonly key: 'id' | 'text'
  /**
   * Selects the entries about a user, with the column `key`, which is unique and orders them. Every other column is
   * exported under its name; none tells anything about somebody else.
   */
  readonly select: (sql: Sql, userId: string) => ReturnType<Sql>
}

/** What every service holds because of the kit. */
export const heldByKit: readonly Held[] = [
  {
    part: 'record',
    key: 'id',
    tables: ['audit'],
    // What others did to the person is theirs, too, but not who did it from where. A wrong password is recorded for the
    // account that owns the address: of several with it, none may learn which that is.
    select: (sql, userId) => sql`
      select id as key, at, action, outcome, times, address, detail from audit where actor = ${userId}
      union all
      select id as key, at, action, outcome, times, null as address, null as detail from audit
      where subject = ${userId} and actor is distinct from ${userId}
        and not (actor is null and outcome = 'invalid-credentials')`,
  },
  {
    part: 'repeated-requests',
    key: 'text',
    tables: ['idempotency_keys'],
    select: (sql, userId) => sql`
      select key, status, created_at from idempotency_keys where scope = ${userId}`,
  },
]
