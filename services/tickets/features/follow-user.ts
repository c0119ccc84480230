// Mirrors sellers' names and bans from auth. Newer versions win, so the result does not depend on the order or
// repetition of messages. The job withdraw-of-banned.ts then withdraws what a banned seller has on sale.

import type { Data } from '@aisle/contracts/message'
import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { mirror } from '@aisle/kit/bus/consumer'
import type { Tx } from '@aisle/kit/db/database'
import type { TicketsService } from '../context.ts'

export const followUser = [
  mirror(UserCreated, async (tx, { data }, service: TicketsService, { again }) => copy(tx, data, service, again)),
  mirror(UserUpdated, async (tx, { data }, service: TicketsService, { again }) => copy(tx, data, service, again)),
]

function copy(tx: Tx, user: Data<typeof UserCreated>, { parts }: TicketsService, again: boolean): void {
  tx.send(tx.sql`
    insert into users as u (id, version, name, banned, banned_version, ban_open)
    values (${user.id}, ${user.version}, ${user.name}, ${user.banned}, ${user.version}, ${user.banned})
    on conflict on constraint users_pkey do update set
      version = case when ${again} then excluded.version else greatest(u.version, excluded.version) end,
      name = case when u.version < excluded.version or ${again} then excluded.name else u.name end,
      banned = excluded.banned, banned_version = excluded.banned_version, ban_open = excluded.ban_open
    where u.banned_version < excluded.banned_version or ${again}`)
  if (user.banned) tx.afterCommit(parts.bans.ring)
}
