// An order was placed: its window starts. One timer per order, guarded by timers_pkey. If the order's end
// arrived first, there is a tombstone and nothing is set.

import { OrderCreated } from '@aisle/contracts/messages/orders'
import { on } from '@aisle/kit/bus/reaction'
import type { ExpirationService } from '../context.ts'

export const startTimer = on(OrderCreated, async (tx, { data: order }, { parts, clock }: ExpirationService) => {
  const set = await tx.sql`
    insert into timers (order_id, version, due_at, status, changed_at, traceparent)
    values (${order.id}, 1, ${order.expiresAt}, 'set', ${clock.now()}, ${tx.origin.traceparent ?? null})
    on conflict on constraint timers_pkey do nothing
    returning 1`
  if (set.length > 0) tx.afterCommit(() => parts.alarm.set(new Date(order.expiresAt)))
})
