// payments: authorise, ask orders, then capture or void.

import { endpoint } from '../endpoint.ts'
import { Payment, Refund } from '../entities.ts'
import { closed, Id, Type } from '../schema.ts'

const paymentParams = closed({ id: Id })

export const payOrder = endpoint({
  method: 'POST',
  path: '/api/payments',
  summary: 'Pay an order with a card token; the card is authorised now and captured when the order accepts it',
  who: 'user',
  body: closed({
    orderId: Id,
    token: Type.String({ pattern: '^(tok|pm)_[A-Za-z0-9_]{1,100}$', description: "the provider's token of a card" }),
  }),
  success: { status: 201, body: Payment },
  refusals: [
    'card-declined',
    'forbidden',
    'not-found',
    'order-not-payable',
    'already-paid',
    'payment-in-progress',
    'invalid-token',
  ],
})

export const showPayment = endpoint({
  method: 'GET',
  path: '/api/payments/:id',
  summary: 'One payment, for its buyer and the seller',
  who: 'user',
  params: paymentParams,
  success: { status: 200, body: Payment },
  refusals: ['forbidden', 'not-found'],
})

export const paymentsOfOrder = endpoint({
  method: 'GET',
  path: '/api/payments',
  summary: 'The payments of an order, newest first',
  who: 'user',
  query: closed({ orderId: Id }),
  success: { status: 200, body: Type.Array(Payment) },
  refusals: ['forbidden', 'not-found'],
})

export const refundPayment = endpoint({
  method: 'POST',
  path: '/api/payments/:id/refunds',
  summary: 'Refund a payment, whole or in part',
  who: 'user',
  params: paymentParams,
  body: closed({
    amount: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 99_999_999, description: 'minor units; all that is left when missing' }),
    ),
  }),
  success: { status: 201, body: Refund },
  refusals: ['forbidden', 'not-found', 'not-refundable'],
})
