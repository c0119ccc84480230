// Messages of one commit about different subjects that affect the same order: they are processed in sequence,
// and nothing is overwritten.

import { PaymentAuthorized, PaymentDelayed, PaymentFailed } from '@aisle/contracts/messages/payments'
import { services } from '@aisle/dev/stack'
import { newId } from '@aisle/kit/time/ids'
import { expect, it } from 'vitest'
import { envelope, openService, paymentState } from './one-service.ts'

const many = 20

it('an order whose window is extended while its payment is authorised is both, in two versions', async () => {
  await using orders = await openService(services.find(({ name }) => name === 'orders')!)
  const ids = Array.from({ length: many }, newId)
  await orders.sql`
    insert into orders (id, version, status, buyer_id, seller_id, ticket_id, ticket_version, title, price, currency,
      expires_at, created_at, updated_at)
    select id, 2, 'awaiting:payment', id, id, id, 1, '', 4500, 'eur', '2099-05-01T12:15:00Z', now(), now()
    from unnest(${ids}::uuid[]) id`
  const expiresAt = '2099-05-01T12:16:00.000Z'
  const said = ids.flatMap((orderId) => {
    const payment = paymentState({ orderId, amount: 4500, currency: 'eur' })
    const delayed = { orderId, paymentId: payment.id, version: 1, expiresAt }
    return [
      envelope(PaymentDelayed, orderId, delayed),
      envelope(PaymentAuthorized, payment.id, payment),
      // Of another attempt, which was the last: the order has accepted the one before.
      envelope(PaymentFailed, newId(), paymentState({ orderId, status: 'declined', final: true })),
    ]
  })
  await orders.say(...said)
  const rows = await orders.sql`select version, status, expires_at from orders where id = any(${ids}::uuid[])`
  expect(rows.map((row) => ({ ...row }))).toEqual(
    Array(many).fill({ version: 4, status: 'paying', expiresAt: new Date(expiresAt) }),
  )
  for (const id of ids) expect(await orders.saidAbout(id)).toEqual(['order:extended', 'order:payment-accepted'])
})
