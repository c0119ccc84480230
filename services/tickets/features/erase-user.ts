// A user was erased: what is left of them here is their id, on what they have sold. The job erase-tickets.ts does the
// rest. The row is locked, so a ticket that is being listed is found by that job, or is refused (sellers.ts).

import { UserErased } from '@aisle/contracts/messages/auth'
import { on } from '@aisle/kit/bus/reaction'
import { forgetCaller } from '@aisle/kit/http/forget-caller'
import type { TicketsService } from '../context.ts'

export const eraseUser = on(UserErased, async (tx, { data: { userId, version } }, { parts }: TicketsService) => {
  tx.send(tx.sql`
    insert into users as u (id, version, name, banned_version, confirmed, erased, erasure_open)
    values (${userId}, ${version}, '', ${version}, false, true, true)
    on conflict on constraint users_pkey do update
      set version = greatest(u.version, excluded.version), name = '', banned = false, ban_open = false,
        banned_version = greatest(u.banned_version, excluded.banned_version), confirmed = false, erased = true,
        erasure_open = true
      where not u.erased`)
  forgetCaller(tx, userId)
  tx.afterCommit(parts.erasures.ring)
})
