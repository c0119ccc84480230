// Mirrors which users are banned, and whose address is confirmed. Newer versions win, so the result does not depend on
// the order or repetition of messages. The job cancel-of-banned.ts then cancels the unpaid orders of a banned user.

import { UserCreated, UserUpdated } from '@aisle/contracts/messages/auth'
import { mirror } from '@aisle/kit/bus/reaction'
import type { OrdersService } from '../context.ts'

export const followUser = mirror([UserCreated, UserUpdated], (tx, states, { parts }: OrdersService, { again }) => {
  const users = states.map(({ data: { id, version, banned, confirmed } }) => ({ id, version, banned, confirmed }))
  tx.send(tx.sql`
    insert into users as u (id, version, banned, ban_open, confirmed)
    select id, version, banned, banned, confirmed
    from jsonb_to_recordset(${JSON.stringify(users)}::text::jsonb)
      as user_ (id uuid, version integer, banned boolean, confirmed boolean)
    on conflict on constraint users_pkey do update set
      version = excluded.version, banned = excluded.banned, ban_open = excluded.ban_open,
      -- A message of the previous version does not say.
      confirmed = coalesce(excluded.confirmed, u.confirmed)
    where not u.erased and (u.version < excluded.version or ${again}
      -- A snapshot says what the previous version did not.
      or (u.version = excluded.version and u.confirmed is null and excluded.confirmed is not null))`)
  if (users.some(({ banned }) => banned)) tx.afterCommit(parts.bans.ring)
})
