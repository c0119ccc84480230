// An admin runs the ledger reconciliation now, with the same result as the nightly one.

import { compareBooks as endpoint } from '@aisle/contracts/api/payments'
import { answer, procedure } from '@aisle/kit/http/route'
import type { PaymentsService } from '../context.ts'
import { compareBooks } from '../jobs/compare-books.ts'

export const compareNow = procedure(endpoint, async (request, service: PaymentsService) => {
  const { compared, differences } = await compareBooks(service)
  await service.audit.note(request, {
    action: 'books-comparison',
    detail: `${compared} compared, ${differences.length} differences`,
  })
  return answer({
    compared,
    differences: differences.map(({ paymentId, what }) => ({ ...(paymentId === null ? {} : { paymentId }), what })),
  })
})
