// Notices are kept for 400 days, and what they need of orders as long; the development mailbox keeps the newest mails.
// Ids sort by time, so the oldest rows are found by their keys. Deleted in small batches, so that no transaction holds
// back the message log.

import type { Job } from '@aisle/kit/boot/service'
import { firstIdAt } from '@aisle/kit/time/ids'
import type { NoticesService } from './context.ts'

const keptDays = 400
const rowsAtOnce = 1_000
const mailsKept = 1_000
const everyMs = 10 * 60 * 1000

export const forgetNotices: Job<NoticesService> = {
  name: 'forget notices',
  async run({ db, clock }) {
    const before = firstIdAt(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
    const forgotten = [
      await db.sql`
        delete from notices where id = any (array(
          select id from notices where id < ${before} order by id limit ${rowsAtOnce}))`,
      await db.sql`
        delete from deliveries where notice_id = any (array(
          select notice_id from deliveries where notice_id < ${before} order by notice_id limit ${rowsAtOnce}))`,
      await db.sql`
        delete from orders where id = any (array(
          select id from orders where id < ${before} order by id limit ${rowsAtOnce}))`,
    ]
    await db.sql`delete from mailbox where id < (select id from mailbox order by id desc offset ${mailsKept} limit 1)`
    return forgotten.some(({ count }) => count === rowsAtOnce) ? 100 : everyMs
  },
}
