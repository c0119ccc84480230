// An order can no longer expire: its payment was accepted, or it was cancelled. Its timer is dropped. A timer that has
// rung stays rung. If the order is not known yet, the dropped row remains as a tombstone. Guarded by
// timers_pkey.

import { OrderCancelled, OrderPaymentAccepted, type OrderState, OrderUnknown } from '@aisle/contracts/messages/orders'
import { on } from '@aisle/kit/bus/reaction'
import type { Tx } from '@aisle/kit/db/database'
import type { ExpirationService } from '../context.ts'

const drop = async (tx: Tx, { data: order }: { data: OrderState }, { clock }: ExpirationService): Promise<void> => {
  tx.send(tx.sql`
    insert into timers as t (order_id, version, due_at, status, changed_at)
    values (${order.id}, 1, ${order.expiresAt}, 'dropped', ${clock.now()})
    on conflict on constraint timers_pkey do update set status = 'dropped', version = t.version + 1,
      changed_at = excluded.changed_at where t.status = 'set'`)
}

/**
 * The order is lost, so there is nothing left to end. A timer that was never set needs no tombstone, since
 * nothing will set it.
 */
export const dropUnknown = on(OrderUnknown, async (tx, { data: { orderId } }, { clock }: ExpirationService) => {
  tx.send(tx.sql`
    update timers set status = 'dropped', version = version + 1, changed_at = ${clock.now()}
    where order_id = ${orderId} and status = 'set'`)
})

export const dropTimer = [on(OrderPaymentAccepted, drop), on(OrderCancelled, drop)]
