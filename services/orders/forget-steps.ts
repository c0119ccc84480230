// The story of an order is kept for as long as its payment can be disputed, and longer; the order itself stays. Found by order_steps_at, a little at a time.

import type { Job } from '@aisle/kit/boot/service'
import type { OrdersService } from './context.ts'

const keptDays = 400
const rowsAtOnce = 1_000
const everyMs = 10 * 60 * 1000

export const forgetSteps: Job<OrdersService> = {
  name: 'forget steps',
  async run({ db, clock }) {
    const before = new Date(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
    // Unfinished orders keep theirs; there are none of that age.
    const forgotten = await db.sql`
      delete from order_steps where (order_id, version) in (select order_id, version from order_steps where at < ${before} limit ${rowsAtOnce})`
    return forgotten.count === rowsAtOnce ? 100 : everyMs
  },
}
