// The story of an order is kept for longer than its payment can be disputed; the order itself stays. Found by
// order_steps_at; deleted in small batches.

import type { Job } from '@aisle/kit/boot/service'
import type { OrdersService } from './context.ts'

const keptDays = 400
const rowsAtOnce = 1_000
const everyMs = 10 * 60 * 1000

export const forgetSteps: Job<OrdersService> = {
  name: 'forget steps',
  async run({ db, clock }) {
    const before = new Date(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
    // Steps of unfinished orders must stay; no unfinished order is this old.
    const forgotten = await db.sql`
      delete from order_steps where (order_id, version) in (select order_id, version from order_steps
        where at < ${before} limit ${rowsAtOnce})`
    return forgotten.count === rowsAtOnce ? 100 : everyMs
  },
}
