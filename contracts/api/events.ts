// tickets: the events that tickets are for.

import { endpoint } from '../endpoint.ts'
import { Event, EventKind } from '../entities.ts'
import { Currency, closed, Id, paging, Timestamp, Type } from '../schema.ts'

export const browseEvents = endpoint({
  method: 'GET',
  path: '/api/events',
  summary: 'Events with a ticket for sale, soonest first, without those that have begun',
  who: 'anyone',
  query: closed({
    q: Type.Optional(
      Type.String({ maxLength: 200, pattern: '^[^\\u0000]*$', description: 'words in name, venue or city' }),
    ),
    city: Type.Optional(Type.String({ minLength: 1, maxLength: 100, pattern: '^[^\\u0000]*$' })),
    from: Type.Optional(Timestamp),
    to: Type.Optional(Timestamp),
    kind: Type.Optional(EventKind),
    maxPrice: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 99_999_999,
        description: 'only events with a ticket at or below this price, in minor units; requires a currency',
      }),
    ),
    currency: Type.Optional(Currency),
    ...paging,
  }),
  success: { status: 200, body: Type.Array(Event) },
  refusals: [],
  paged: true,
})

export const showEvent = endpoint({
  method: 'GET',
  path: '/api/events/:id',
  summary: 'One event',
  who: 'anyone',
  params: closed({ id: Id }),
  success: { status: 200, body: Event },
  refusals: ['not-found'],
})
