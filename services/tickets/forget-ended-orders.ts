// Tombstones of orders are needed as long as a message can arrive late: outboxes keep messages for seven days.
// Deleted in small batches, so that no transaction holds back the message log.

import type { TicketsService } from './context.ts'

const keptDays = 8
const rowsAtOnce = 1_000
const everyMs = 10 * 60 * 1000

export const forgetEndedOrders = {
  name: 'forget ended orders',
  async run({ db: { sql }, clock }: TicketsService): Promise<number> {
    const before = new Date(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
    const forgotten = await sql`
      delete from ended_orders where order_id = any (array(
        select order_id from ended_orders where ended_at < ${before} limit ${rowsAtOnce}))`
    return forgotten.count === rowsAtOnce ? 100 : everyMs
  },
}
