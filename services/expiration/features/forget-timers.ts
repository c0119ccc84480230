// Finished timers are kept as long as a message about their order can still arrive late: outboxes keep messages
// for seven days. Found by timers_finished; deleted in small batches, so that no transaction holds back the
// message log.

import type { Job } from '@aisle/kit/boot/service'
import type { ExpirationService } from '../context.ts'

const keptDays = 8
const rowsAtOnce = 1_000
const everyMs = 10 * 60 * 1000

export const forgetTimers: Job<ExpirationService> = {
  name: 'forget timers',
  async run({ db, clock }) {
    const before = new Date(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
    const forgotten = await db.sql`
      delete from timers where order_id = any (array(
        select order_id from timers where status <> 'set' and changed_at < ${before} order by changed_at
        limit ${rowsAtOnce}))`
    return forgotten.count === rowsAtOnce ? 100 : everyMs
  },
}
