// Sellers' names, as auth tells them. Newer versions win, so any order and any repetition end the same.

import type { Data } from '@aisle/contracts/message'
import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { mirror } from '@aisle/kit/bus/consumer'
import type { Sql } from '@aisle/kit/db/database'

export const followUser = [
  mirror(UserCreated, async (tx, { data }, _service: unknown, { again }) => tx.send(copy(tx.sql, data, again))),
  mirror(UserUpdated, async (tx, { data }, _service: unknown, { again }) => tx.send(copy(tx.sql, data, again))),
]

function copy(sql: Sql, user: Data<typeof UserCreated>, again: boolean) {
  return sql`
    insert into users as u (id, version, name) values (${user.id}, ${user.version}, ${user.name})
    on conflict on constraint users_pkey do update set version = excluded.version, name = excluded.name
    where u.version < excluded.version or ${again}`
}
