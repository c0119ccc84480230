// What a seller is owed, summed from the ledger; it is not stored anywhere else.

import { showBalance as endpoint } from '@aisle/contracts/api/payments'
import type { Balance } from '@aisle/contracts/entities'
import { answer, query } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'

export const showBalance = query(endpoint, async ({ session }, { db: { sql } }: PaymentsService) => {
  const rows = await sql<Balance[]>`
    select currency,
      coalesce(sum(buyer) filter (where kind = 'sale'), 0)::float8 as sold,
      -coalesce(sum(platform), 0)::float8 as fees,
      -coalesce(sum(buyer) filter (where kind in ('refund', 'refund-undone')), 0)::float8 as refunded,
      -sum(seller)::float8 as due
    from ledger where seller_id = ${session.userId} group by currency order by currency`
  // A sum of nothing is 0, not -0.
  return answer(rows.map((row) => ({ ...row, fees: row.fees + 0, refunded: row.refunded + 0, due: row.due + 0 })))
})
