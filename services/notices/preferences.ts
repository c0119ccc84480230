// Which kinds of mail a person wants.

import type { Sql } from '@aisle/kit/db/database'

/** Switches a kind of mail on or off for a person. */
export const choose = (sql: Sql, userId: string, kind: string, mail: boolean) => sql`
  insert into preferences (user_id, kind, mail) select ${userId}, ${kind}, ${mail}
  where not exists (select from erased_users where user_id = ${userId})
  on conflict on constraint preferences_pkey do update set mail = excluded.mail`
