// Tombstones of orders are needed as long as a message can be late: outboxes keep theirs for seven days.

import type { TicketsService } from './context.ts'

const everyMs = 60 * 60 * 1000
const keptDays = 8

export const forgetEndedOrders = {
  name: 'forget ended orders',
  async run({ db: { sql }, clock }: TicketsService): Promise<number> {
    await sql`delete from ended_orders where ended_at < ${new Date(clock.now().getTime() - keptDays * 86_400_000)}`
    return everyMs
  },
}
