// One of the visitor's sales, by its payment. The API lists sales and a seller has few, so the list is walked
// until it is found.

import { mySales } from '@aisle/contracts/api/payments'
import type { Sale } from '@aisle/contracts/entities'
import { readApi, refusalPage } from './call-api.server.ts'
import type { Context } from './visit.server.ts'

export async function findSale(context: Context, paymentId: string): Promise<Sale> {
  let after: string | null = null
  do {
    const page: { body: Sale[]; next: string | null } = await readApi(context, mySales, {
      query: { limit: 100, ...(after ? { after } : {}) },
    })
    const sale = page.body.find(({ payment }) => payment.id === paymentId)
    if (sale) return sale
    after = page.next
  } while (after)
  throw refusalPage(context, { status: 404, problem: { code: 'not-found' } })
}
