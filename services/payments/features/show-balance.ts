// What a seller is owed: the sum of their rows of the ledger, kept as it is written (0010_balances.sql), because a
// seller may have a million of them.

import { showBalance as endpoint } from '@aisle/contracts/api/payments'
import type { Balance } from '@aisle/contracts/entities'
import { answer, query } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'

export const showBalance = query(endpoint, async ({ session }, { db: { sql } }: PaymentsService) => {
  // In one statement: a sum that moves from one table to the other meanwhile is neither missed nor counted twice.
  const columns = sql`currency, sold, fees, refunded, due`
  const rows = await sql<Balance[]>`
    select currency, sum(sold)::float8 as sold, sum(fees)::float8 as fees, sum(refunded)::float8 as refunded,
      sum(due)::float8 as due
    from (
      select ${columns} from balances where seller_id = ${session.userId}
      union all select ${columns} from balance_changes where seller_id = ${session.userId}
    ) parts group by currency order by currency`
  return answer(rows)
})
