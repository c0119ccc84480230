// Orders placed while the database's clock ran ahead have windows that end far in the future, which would lock
// their tickets for that long. Once the clock is right, their windows start again.

import type { Job } from '@aisle/kit/boot/service'
import { idsBy } from '@aisle/kit/time/ids'
import type { OrdersService } from './context.ts'
import { decide } from './order.ts'
import { lockOrder, moveOrder } from './queries.ts'

const everyMs = 10_000
const rowsAtOnce = 200
/** Replicas' clocks never differ by more than this. */
const slackMs = 15_000

export const resetWindows: Job<OrdersService> = {
  name: 'reset windows',
  async run({ db, clock, config, log }) {
    const now = clock.now().getTime()
    // Ids start with their creation time, so this reads only the end of an index.
    const firstOfFuture = idsBy(() => now + slackMs)()
    const windowMs = config.ORDER_WINDOW_SECONDS * 1000
    const ahead = await db.sql<{ id: string }[]>`
      select id from orders
      where status in ('created', 'awaiting:payment') and id > ${firstOfFuture}
        and expires_at > ${new Date(now + windowMs + slackMs)}
      order by id desc limit ${rowsAtOnce}`
    for (const { id } of ahead)
      await db.tx(async (tx) => {
        const order = await lockOrder(tx.sql, id)
        const until = new Date(now + windowMs)
        if (order && order.expiresAt > until)
          moveOrder(tx, order, decide(order, { type: 'reset-window', until }), clock.now())
      })
    if (ahead.length > 0)
      log.error({ orders: ahead.length }, 'orders were created by a clock that was ahead; their windows start again')
    return ahead.length === rowsAtOnce ? 0 : everyMs
  },
}
