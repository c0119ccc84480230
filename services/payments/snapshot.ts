// What `npm run events -- snapshot payments` publishes: every payment that has been announced, as it is.

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
    // The order already knows whether a decline was the last one; a snapshot does not repeat it.
    return message
      ? { id: row.id, message, data: toState(row, row.status === 'capture-failed') }
      : { id: row.id, message }
  })
}
