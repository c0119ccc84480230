// Sellers' names, as auth tells them. Newer versions win, so any order and any repetition end the same.

import type { Data } from '@aisle/contracts/message'
import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { on } from '@aisle/kit/bus/consumer'
import type { Sql } from '@aisle/kit/db/database'

export const followUser = [
  on(UserCreated, async (tx, { data }) => tx.send(upsert(tx.sql, data))),
  on(UserUpdated, async (tx, { data }) => tx.send(upsert(tx.sql, data))),
]

function upsert(sql: Sql, user: Data<typeof UserCreated>) {
  return sql`
    insert into users as u (id, version, name) values (${user.id}, ${user.version}, ${user.name})
    on conflict on constraint users_pkey do update set version = excluded.version, name = excluded.name where u.version < excluded.version`
}
