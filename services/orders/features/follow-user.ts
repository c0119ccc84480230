// Mirrors which users are banned. Newer versions win, so the result does not depend on the order or repetition
// of messages. The job cancel-of-banned.ts then cancels the unpaid orders of a banned user.

import type { Data } from '@aisle/contracts/message'
import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { mirror } from '@aisle/kit/bus/consumer'
import type { Tx } from '@aisle/kit/db/database'
import type { OrdersService } from '../context.ts'

export const followUser = [
  mirror(UserCreated, async (tx, { data }, service: OrdersService, { again }) => copy(tx, data, service, again)),
  mirror(UserUpdated, async (tx, { data }, service: OrdersService, { again }) => copy(tx, data, service, again)),
]

function copy(tx: Tx, { id, version, banned }: Data<typeof UserCreated>, service: OrdersService, again: boolean): void {
  tx.send(tx.sql`
    insert into users as u (id, version, banned, ban_open) values (${id}, ${version}, ${banned}, ${banned})
    on conflict on constraint users_pkey do update set
      version = excluded.version, banned = excluded.banned, ban_open = excluded.ban_open
    where u.version < excluded.version or ${again}`)
  if (banned) tx.afterCommit(service.parts.bans.ring)
}
