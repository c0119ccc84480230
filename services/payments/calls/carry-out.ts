// Makes one call to the provider and commits the result. Safe to retry at any point: the provider knows the
// key, and the payment's lock and state machine turn a second commit of the same result into a no-op.

import type { CallContext, Operation, ProviderCall } from '../call.ts'
import { readPayment } from '../queries.ts'
import { authorizeCard } from './authorize-card.ts'
import { capturePayment } from './capture-payment.ts'
import { endPage } from './end-page.ts'
import { openPage } from './open-page.ts'
import { refundBuyer } from './refund-buyer.ts'
import { voidAuthorization } from './void-authorization.ts'

const operations: Record<ProviderCall['op'], Operation> = {
  authorize: authorizeCard,
  'open-page': openPage,
  'end-page': endPage,
  capture: capturePayment,
  void: voidAuthorization,
  refund: refundBuyer,
}

export async function carryOut(context: CallContext, call: ProviderCall): Promise<Error | null> {
  const payment = call.payment ?? (await readPayment(context.service.db.sql, call.paymentId))
  if (!payment) throw new Error(`The call ${call.key} is about a payment that is not here.`)
  return operations[call.op](context, call, payment)
}
