// An admin runs the ledger reconciliation now, with the same result as the nightly one.

import { compareBooks as endpoint } from '@aisle/contracts/api/payments'
import type { Sql } from '@aisle/kit/db/database'
import { answer, procedure } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { compareBooks, type Difference } from '../jobs/compare-books.ts'

export const compareNow = procedure(endpoint, async (request, service: PaymentsService) => {
  const { compared, differences } = await compareBooks(service)
  await service.audit.note(request, {
    action: 'books-comparison',
    detail: `${compared} compared, ${differences.length} differences`,
  })
  const orders = await ordersOf(service.db.sql, differences)
  return answer({
    compared,
    differences: differences.map(({ paymentId, what }) => ({
      ...(paymentId === null ? {} : { paymentId, ...orders.get(paymentId) }),
      what,
    })),
  })
})

type Named = { paymentId: string; orderId: string; number: string | null }

/** The orders of the payments that differ, by payment. */
async function ordersOf(sql: Sql, differences: readonly Difference[]) {
  const ids = differences.flatMap(({ paymentId }) => paymentId ?? [])
  if (ids.length === 0) return new Map<string, never>()
  const rows = await sql<Named[]>`
    select p.id as payment_id, o.id as order_id, o.number from payments p join orders o on o.id = p.order_id
    where p.id = any(${ids}::uuid[])`
  return new Map(
    rows.map(({ paymentId, orderId, number }) => [paymentId, { orderId, ...(number ? { orderNumber: number } : {}) }]),
  )
}
