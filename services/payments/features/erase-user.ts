// The erasure of a user. payments answers after orders has: then no further order of this user begins, and none that
// could still be paid is open. A payment whose end payments has not heard of yet is open here, and stands in the way.
// The ledger and the provider's ids stay, by law; they name nobody.

import { UserErased } from '@aisle/contracts/messages/auth'
import { ErasureAnsweredByOrders } from '@aisle/contracts/messages/orders'
import { ErasureAnsweredByPayments } from '@aisle/contracts/messages/payments'
import { on } from '@aisle/kit/bus/reaction'
import { forgetCaller } from '@aisle/kit/http/forget-caller'
import type { PaymentsService } from '../context.ts'
import { openMoney } from '../erasures.ts'

const answerErasure = on(ErasureAnsweredByOrders, async (tx, { data: { userId, version } }) => {
  const newer = await tx.sql`
    insert into erasures as e (user_id, version) values (${userId}, ${version})
    on conflict on constraint erasures_pkey do update set version = excluded.version
      where e.version < excluded.version returning 1`
  if (newer.length === 0) return
  tx.emit(ErasureAnsweredByPayments, userId, { userId, version, reasons: await openMoney(tx.sql, userId) })
})

const forgetUser = on(UserErased, async (tx, { data: { userId } }, _service: PaymentsService) => {
  const { sql, send } = tx
  send(sql`
    update payments set address = null, page_url = null
    where order_id in (select id from orders where buyer_id = ${userId})
      and (address is not null or page_url is not null)`)
  send(sql`delete from declines where buyer_id = ${userId}`)
  forgetCaller(tx, userId)
})

export const eraseUser = [answerErasure, forgetUser]
