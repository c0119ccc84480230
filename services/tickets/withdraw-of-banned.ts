// Withdraws what a banned seller has on sale, a batch per transaction. Finds sellers by users_ban_open, which
// is empty most of the time. A reserved ticket follows when its order releases it (release-ticket.ts). Lifting
// the ban does not list anything again.

import { TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import type { Job } from '@aisle/kit/boot/service'
import type { Tx } from '@aisle/kit/db/database'
import type { TicketsService } from './context.ts'
import { type TicketRow, ticketColumns, ticketJoins, toState } from './queries.ts'
import { moves } from './ticket.ts'

const ticketsAtOnce = 100
/** Covers a process that received the ban and died before it was done. */
const everyMs = 1_000

export const withdrawOfBanned: Job<TicketsService> = {
  name: 'withdraw tickets of banned sellers',
  async run({ db, clock }) {
    const [seller] = await db.sql<Seller[]>`select id, banned_version from users where ban_open order by id limit 1`
    if (!seller) return everyMs
    await db.tx((tx) => withdrawSome(tx, seller, clock.now()))
    return 0
  },
  wakeOn: ({ parts }, wake) => parts.bans.wakes(wake),
}

type Seller = { id: string; bannedVersion: number }

async function withdrawSome(tx: Tx, { id, bannedVersion }: Seller, now: Date): Promise<void> {
  const { sql } = tx
  const withdrawn = await sql<TicketRow[]>`
    with t as (
      update tickets set status = ${moves.withdraw.to}, version = version + 1, updated_at = ${now}
      where id = any (array(
          select id from tickets where seller_id = ${id} and status = 'listed' order by id limit ${ticketsAtOnce}))
        and status = 'listed' and exists (select from users where id = ${id} and ban_open)
      returning *)
    select ${ticketColumns(sql)} from t ${ticketJoins(sql)} order by t.id`
  for (const ticket of withdrawn) tx.emit(TicketWithdrawn, ticket.id, toState(ticket))
  // Another process may have withdrawn other tickets without having committed yet; then the seller is checked
  // once more.
  tx.send(sql`
    update users set ban_open = false
    where id = ${id} and banned_version = ${bannedVersion}
      and not exists (select from tickets where seller_id = ${id} and status = 'listed')`)
}
