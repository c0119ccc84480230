// Mirrors which users are banned. Newer versions win, so the result does not depend on the order or repetition
// of messages. The job cancel-of-banned.ts then cancels the unpaid orders of a banned user.

import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { mirror } from '@aisle/kit/bus/reaction'
import type { OrdersService } from '../context.ts'

export const followUser = mirror([UserCreated, UserUpdated], (tx, states, { parts }: OrdersService, { again }) => {
  const users = states.map(({ data: { id, version, banned } }) => ({ id, version, banned }))
  tx.send(tx.sql`
    insert into users as u (id, version, banned, ban_open)
    select id, version, banned, banned
    from jsonb_to_recordset(${JSON.stringify(users)}::text::jsonb) as user_ (id uuid, version integer, banned boolean)
    on conflict on constraint users_pkey do update set
      version = excluded.version, banned = excluded.banned, ban_open = excluded.ban_open
    where u.version < excluded.version or ${again}`)
  if (users.some(({ banned }) => banned)) tx.afterCommit(parts.bans.ring)
})
