// payments: authorise, ask orders, then capture or void.

import { endpoint } from '../endpoint.ts'
import { Balance, OrderRefunds, Payment, Refund, Sale, Step } from '../entities.ts'
import { OrderNumber } from '../order-number.ts'
import { closed, Id, IdList, paging, Type } from '../schema.ts'

const paymentParams = closed({ id: Id })

export const payOrder = endpoint({
  method: 'POST',
  path: '/api/payments',
  summary:
    "Pay an order: with a card token here and now, without one on the provider's page at `url`. The card is authorised, and captured when the order accepts it",
  who: 'user',
  body: closed({
    orderId: Id,
    token: Type.Optional(
      Type.String({
        pattern: '^(tok|pm)_[A-Za-z0-9_]{1,100}$',
        description: 'the provider’s token of a card, where tokens are accepted',
      }),
    ),
  }),
  success: { status: 201, body: Payment },
  refusals: [
    'card-declined',
    'forbidden',
    'not-found',
    'order-not-payable',
    'already-paid',
    'payment-in-progress',
    'payment-refused',
    'invalid-token',
    'pay-on-page',
    'too-many-declines',
  ],
})

export const refreshPayment = endpoint({
  method: 'POST',
  path: '/api/payments/:id/refresh',
  summary: 'Ask the provider for the state of a payment now, for a buyer who returns from its page',
  who: 'user',
  params: paymentParams,
  success: { status: 200, body: Payment },
  refusals: ['forbidden', 'not-found'],
  callsPerMinute: 60,
})

export const showPayment = endpoint({
  method: 'GET',
  path: '/api/payments/:id',
  summary: 'One payment, for its buyer or its seller',
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
  summary: 'Refund a payment, fully or in part',
  who: 'user',
  fresh: true,
  params: paymentParams,
  body: closed({
    amount: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 99_999_999, description: 'minor units; by default everything that is left' }),
    ),
  }),
  success: { status: 201, body: Refund },
  refusals: ['forbidden', 'not-found', 'not-refundable'],
})

export const refundsOfOrders = endpoint({
  method: 'GET',
  path: '/api/payments/refunds',
  summary: 'What was refunded on your orders, and what is on its way; only orders with a refund',
  who: 'user',
  query: closed({ orderIds: IdList('orders') }),
  success: { status: 200, body: Type.Array(OrderRefunds) },
  refusals: [],
})

export const showBalance = endpoint({
  method: 'GET',
  path: '/api/payments/balance',
  summary: 'A seller’s balance, by currency',
  who: 'user',
  success: { status: 200, body: Type.Array(Balance) },
  refusals: [],
})

export const hearProvider = endpoint({
  method: 'POST',
  path: '/api/payments/webhooks/stripe',
  summary: 'The provider’s webhook, signed by it',
  who: 'anyone',
  signed: true,
  body: Type.String({ description: 'the raw body: the signature covers its bytes' }),
  success: { status: 200, body: closed({ received: Type.Literal(true) }) },
  refusals: ['bad-signature'],
})

export const compareBooks = endpoint({
  method: 'POST',
  path: '/api/payments/comparisons',
  summary: "Compare our books with the provider's, now, and list every difference; what can heal is healed first",
  who: 'admin',
  success: {
    status: 200,
    body: closed({
      compared: Type.Integer({ description: 'payments and refunds that were compared' }),
      differences: Type.Array(
        closed({
          paymentId: Type.Optional(Id),
          orderId: Type.Optional(Id),
          orderNumber: Type.Optional(OrderNumber),
          what: Type.String(),
        }),
      ),
    }),
  },
  refusals: [],
  callsPerMinute: 6,
})

export const mySales = endpoint({
  method: 'GET',
  path: '/api/payments/sales',
  summary: 'Your sales, newest first, each with the payment that can be refunded',
  who: 'user',
  query: closed(paging),
  success: { status: 200, body: Type.Array(Sale) },
  refusals: [],
  paged: true,
})

export const paymentStory = endpoint({
  method: 'GET',
  path: '/api/admin/payments',
  summary:
    "Everything that the money of an order did: attempts, calls to the provider, its webhooks, refunds, the ledger's rows",
  who: 'admin',
  query: closed({ orderId: Id }),
  success: { status: 200, body: Type.Object({ payments: Type.Array(Payment), steps: Type.Array(Step) }) },
  refusals: ['not-found'],
})
