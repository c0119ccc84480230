// Mirrors sellers' names and bans from auth. Newer versions win, so the result does not depend on the order or
// repetition of messages. The job withdraw-of-banned.ts then withdraws what a banned seller has on sale.

import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { mirror } from '@aisle/kit/bus/reaction'
import type { TicketsService } from '../context.ts'

export const followUser = mirror([UserCreated, UserUpdated], (tx, states, { parts }: TicketsService, { again }) => {
  const users = states.map(({ data: { id, version, name, banned } }) => ({ id, version, name, banned }))
  tx.send(tx.sql`
    insert into users as u (id, version, name, banned, banned_version, ban_open)
    select id, version, name, banned, version, banned
    from jsonb_to_recordset(${JSON.stringify(users)}::text::jsonb)
      as user_ (id uuid, version integer, name text, banned boolean)
    on conflict on constraint users_pkey do update set
      version = case when ${again} then excluded.version else greatest(u.version, excluded.version) end,
      name = case when u.version < excluded.version or ${again} then excluded.name else u.name end,
      banned = excluded.banned, banned_version = excluded.banned_version, ban_open = excluded.ban_open
    where u.banned_version < excluded.banned_version or ${again}`)
  if (users.some(({ banned }) => banned)) tx.afterCommit(parts.bans.ring)
})
