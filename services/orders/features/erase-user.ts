// The erasure of a user: orders answers first whether an order stands in the way, and marks who is free to go. Of the
// wishes to erase a user the newest counts, so messages may come in any order and more than once.

import { UserErased, UserErasureAsked, UserErasureRefused } from '@aisle/contracts/messages/auth'
import { ErasureAnsweredByOrders } from '@aisle/contracts/messages/orders'
import { later, on } from '@aisle/kit/bus/reaction'
import type { Tx } from '@aisle/kit/db/database'
import { forgetCaller } from '@aisle/kit/http/forget-caller'
import type { OrdersService } from '../context.ts'
import { openOrders, tryLockTrade } from '../erasures.ts'

const askAgainMs = 20

const answerErasure = on(UserErasureAsked, async (tx, { data: { userId, version } }, { clock }: OrdersService) => {
  const { sql } = tx
  const [user] = await sql<{ erasureVersion: number }[]>`select erasure_version from users where id = ${userId}`
  if (user && user.erasureVersion >= version) return
  let reasons = await openOrders(sql, userId, clock.now())
  if (reasons.length === 0) {
    if (!(await tryLockTrade(sql, userId))) return later(askAgainMs)
    reasons = await openOrders(sql, userId, clock.now())
  }
  noteErasure(tx, { userId, version, closing: reasons.length === 0 ? version : null })
  tx.emit(ErasureAnsweredByOrders, userId, { userId, version, reasons })
})

/** Refused by another service. A wish that comes after its refusal changes nothing. */
const goOn = on(UserErasureRefused, async (tx, { data: { userId, version } }, _service: OrdersService) => {
  noteErasure(tx, { userId, version, closing: null })
})

function noteErasure(
  { sql, send }: Tx,
  { userId, version, closing }: { userId: string; version: number; closing: number | null },
): void {
  send(sql`
    insert into users as u (id, version, banned, ban_open, erasure_version, closing)
    values (${userId}, 0, false, false, ${version}, ${closing})
    on conflict on constraint users_pkey do update
      set erasure_version = excluded.erasure_version, closing = excluded.closing
      where u.erasure_version < excluded.erasure_version
        or (u.erasure_version = excluded.erasure_version and excluded.closing is null)`)
}

const forgetUser = on(UserErased, async (tx, { data: { userId, version } }, _service: OrdersService) => {
  tx.send(tx.sql`
    insert into users as u (id, version, banned, ban_open, confirmed, erased)
    values (${userId}, ${version}, false, false, false, true)
    on conflict on constraint users_pkey do update
      set version = greatest(u.version, excluded.version), banned = false, ban_open = false, confirmed = false,
        closing = null, erased = true`)
  // What an admin has said to the buyer. The order itself belongs to its seller, too.
  tx.send(tx.sql`update orders set cancel_note = null where buyer_id = ${userId} and cancel_note is not null`)
  forgetCaller(tx, userId)
})

export const eraseUser = [answerErasure, goOn, forgetUser]
