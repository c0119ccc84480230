// Notices are kept for a year and a month, what they need of orders as long; the development mailbox keeps the newest
// mails. Deleted in small batches, so that no transaction holds back the message log.

import type { Job } from '@aisle/kit/boot/service'
import type { NoticesService } from './context.ts'

const keptDays = 400
const rowsAtOnce = 1_000
const mailsKept = 1_000
const everyMs = 10 * 60 * 1000

export const forgetNotices: Job<NoticesService> = {
  name: 'forget notices',
  async run({ db, clock }) {
    const before = new Date(clock.now().getTime() - keptDays * 24 * 60 * 60 * 1000)
    const forgotten = await db.sql`
      with old as (
        delete from notices where ctid = any (array(
          select ctid from notices where made_at < ${before} limit ${rowsAtOnce})) returning id)
      delete from deliveries where notice_id in (select id from old)`
    await db.sql`delete from mailbox where id <= (select max(id) - ${mailsKept} from mailbox)`
    return forgotten.count === rowsAtOnce ? 100 : everyMs
  },
}
