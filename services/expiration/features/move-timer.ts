// An order's window now ends at another time, so its timer moves. A timer that rang too early is set again; a
// dropped timer stays dropped. If the order's creation has not arrived yet, the timer is set here and
// start-timer.ts finds it. Guarded by timers_pkey.

import { OrderExtended } from '@aisle/contracts/messages/orders'
import { on } from '@aisle/kit/bus/reaction'
import type { ExpirationService } from '../context.ts'

export const moveTimer = on(OrderExtended, async (tx, { data: order }, { parts, clock }: ExpirationService) => {
  const moved = await tx.sql`
    insert into timers as t (order_id, order_version, version, due_at, status, changed_at, traceparent)
    values (${order.id}, ${order.version}, 1, ${order.expiresAt}, 'set', ${clock.now()},
      ${tx.origin.traceparent ?? null})
    on conflict on constraint timers_pkey do update set due_at = excluded.due_at, status = 'set',
      version = t.version + 1, order_version = excluded.order_version, changed_at = excluded.changed_at
      where t.status <> 'dropped' and t.order_version < excluded.order_version and t.due_at <> excluded.due_at
    returning 1`
  if (moved.length > 0) tx.afterCommit(() => parts.alarm.set(new Date(order.expiresAt)))
})
