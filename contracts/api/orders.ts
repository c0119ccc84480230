// orders: the one authority on whether a buyer gets a ticket.

import { endpoint } from '../endpoint.ts'
import { Order, OrderRecord, OrderStatus, Step } from '../entities.ts'
import { TypedOrderNumber } from '../order-number.ts'
import { Currency, closed, Id, PriceMinor, paging, Type, text } from '../schema.ts'

const orderParams = closed({ id: Id })

export const reserveTicket = endpoint({
  method: 'POST',
  path: '/api/orders',
  summary: 'Reserve a ticket: it is yours alone until expiresAt, at the latest until its event begins',
  who: 'user',
  body: closed({
    ticketId: Id,
    price: Type.Optional({ ...PriceMinor, description: 'the price that the buyer saw; a different one is refused' }),
    currency: Type.Optional({ ...Currency, description: 'its currency; give both or neither' }),
  }),
  success: { status: 201, body: Order },
  refusals: [
    'address-unconfirmed',
    'account-closing',
    'own-ticket',
    'banned',
    'not-found',
    'ticket-taken',
    'ticket-withdrawn',
    'seller-banned',
    'event-begun',
    'price-changed',
    'too-many-orders',
    'too-many-tickets',
  ],
})

export const myOrders = endpoint({
  method: 'GET',
  path: '/api/orders',
  summary: 'Your orders, newest first',
  who: 'user',
  query: closed({ status: Type.Optional(OrderStatus), number: Type.Optional(TypedOrderNumber), ...paging }),
  success: { status: 200, body: Type.Array(Order) },
  refusals: [],
  paged: true,
})

export const showOrder = endpoint({
  method: 'GET',
  path: '/api/orders/:id',
  summary: 'One of your orders; with `after`, once it is newer than that version, or as it is after ten seconds',
  who: 'user',
  params: orderParams,
  query: closed({
    after: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 2_147_483_647,
        description: 'the version that you have; the answer waits for a newer one',
      }),
    ),
  }),
  success: { status: 200, body: Order },
  waits: true,
  refusals: ['forbidden', 'not-found'],
})

export const liveOrder = endpoint({
  method: 'GET',
  path: '/api/orders/:id/live',
  summary: 'One of your orders as it is now, and every change to it from now on',
  who: 'user',
  params: orderParams,
  success: { status: 200, body: null },
  stream: { order: Order },
  refusals: ['too-many-streams', 'forbidden', 'not-found'],
})

export const cancelOrder = endpoint({
  method: 'DELETE',
  path: '/api/orders/:id',
  summary: 'Cancel an order that is not paid',
  who: 'user',
  params: orderParams,
  success: { status: 204, body: null },
  refusals: ['forbidden', 'not-found', 'order-not-cancellable'],
})

export const browseOrders = endpoint({
  method: 'GET',
  path: '/api/admin/orders',
  summary: 'All orders, newest first',
  who: 'admin',
  query: closed({
    status: Type.Optional(OrderStatus),
    number: Type.Optional(TypedOrderNumber),
    buyerId: Type.Optional(Id),
    ticketId: Type.Optional(Id),
    ...paging,
  }),
  success: { status: 200, body: Type.Array(OrderRecord) },
  refusals: [],
  paged: true,
})

export const orderStory = endpoint({
  method: 'GET',
  path: '/api/admin/orders/:id',
  summary: 'An order with its whole history; the history of its money is at /api/admin/payments',
  who: 'admin',
  params: orderParams,
  success: { status: 200, body: Type.Object({ order: OrderRecord, steps: Type.Array(Step) }) },
  refusals: ['not-found'],
})

export const cancelAsAdmin = endpoint({
  method: 'POST',
  path: '/api/admin/orders/:id/cancellation',
  summary: 'Cancel an order that is not paid',
  who: 'admin',
  params: orderParams,
  body: closed({ reason: text(500, 'why; its buyer reads it') }),
  success: { status: 204, body: null },
  refusals: ['not-found', 'order-not-cancellable'],
})
