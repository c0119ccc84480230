// What `npm run events -- snapshot payments` says: every payment of which something was said, as it is.

import {
  PaymentAuthorized,
  PaymentCreated,
  PaymentFailed,
  PaymentRefunded,
  PaymentVoided,
} from '@aisle/contracts/messages/payments'
import type { SnapshotPart } from '@aisle/kit/bus/snapshot'
import { type PaymentRow, toState } from './queries.ts'

const messageOf = {
  created: null,
  authorized: PaymentAuthorized,
  captured: PaymentCreated,
  refunded: PaymentRefunded,
  declined: PaymentFailed,
  'capture-failed': PaymentFailed,
  voided: PaymentVoided,
}

export const everyPayment: SnapshotPart = async (sql, { after, limit }) => {
  const rows = await sql<PaymentRow[]>`select * from payments where id > ${after} order by id limit ${limit}`
  return rows.map((row) => {
    const message = messageOf[row.status]
    // Whether a decline was the last one the order has heard; it is not said again.
    return message
      ? { id: row.id, message, data: toState(row, row.status === 'capture-failed') }
      : { id: row.id, message }
  })
}
