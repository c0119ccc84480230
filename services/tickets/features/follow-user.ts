// Mirrors from auth what sellers are called, who is banned, and whose address is confirmed. Newer versions win, so the
// result does not depend on the order or repetition of messages. The job withdraw-of-banned.ts then withdraws what a
// banned seller has on sale.

import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { mirror } from '@aisle/kit/bus/reaction'
import type { TicketsService } from '../context.ts'

export const followUser = mirror([UserCreated, UserUpdated], (tx, states, { parts }: TicketsService, { again }) => {
  const users = states.map(({ data: { id, version, name, banned, confirmed } }) => ({
    id,
    version,
    name,
    banned,
    confirmed,
  }))
  tx.send(tx.sql`
    insert into users as u (id, version, name, banned, banned_version, ban_open, confirmed)
    select id, version, name, banned, version, banned, confirmed
    from jsonb_to_recordset(${JSON.stringify(users)}::text::jsonb)
      as user_ (id uuid, version integer, name text, banned boolean, confirmed boolean)
    on conflict on constraint users_pkey do update set
      version = case when ${again} then excluded.version else greatest(u.version, excluded.version) end,
      name = case when u.version < excluded.version or ${again} then excluded.name else u.name end,
      banned = excluded.banned, banned_version = excluded.banned_version, ban_open = excluded.ban_open,
      -- A message of the previous version does not say.
      confirmed = coalesce(excluded.confirmed, u.confirmed)
    where not u.erased and (u.banned_version < excluded.banned_version or ${again}
      -- A snapshot says what the previous version did not.
      or (u.banned_version = excluded.banned_version and u.confirmed is null and excluded.confirmed is not null))`)
  if (users.some(({ banned }) => banned)) tx.afterCommit(parts.bans.ring)
})
