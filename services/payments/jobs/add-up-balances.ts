// Adds what the ledger's trigger has left in balance_changes to the sellers' balances (0010_balances.sql). What is not
// added yet counts as well, so nothing depends on when this runs, except how many rows a balance reads.

import type { Job } from '@aisle/kit/boot/service'
import type { PaymentsService } from '../context.ts'

const rowsAtOnce = 5_000
const everyMs = 10_000

export const addUpBalances: Job<PaymentsService> = {
  name: 'add up balances',
  async run({ db: { sql } }) {
    // In the order of the key, so that two replicas do not wait for each other in a circle.
    const [taken] = await sql<{ count: number }[]>`
      with taken as (
          delete from balance_changes where ctid = any (array(
            select ctid from balance_changes limit ${rowsAtOnce} for update skip locked))
          returning *),
        added as (
          insert into balances (seller_id, currency, sold, fees, refunded, due)
          select seller_id, currency, sum(sold), sum(fees), sum(refunded), sum(due) from taken
          group by seller_id, currency order by seller_id, currency
          on conflict (seller_id, currency) do update set sold = balances.sold + excluded.sold,
            fees = balances.fees + excluded.fees, refunded = balances.refunded + excluded.refunded,
            due = balances.due + excluded.due)
      select count(*)::int as count from taken`
    return taken!.count === rowsAtOnce ? 100 : everyMs
  },
}
