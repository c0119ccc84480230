// tickets: what is for sale and in which state.

import { endpoint } from '../endpoint.ts'
import { EventKind, Ticket, TicketStatus } from '../entities.ts'
import { Currency, closed, Id, IdList, PriceMinor, paging, prose, Timestamp, Type, text } from '../schema.ts'

const ticketParams = closed({ id: Id })
const EventInput = closed({
  name: text(200, 'name of the event'),
  venue: text(200, 'where it is'),
  city: Type.Optional(text(100, 'city of the venue')),
  startsAt: Timestamp,
  timeZone: Type.Optional(
    Type.String({
      minLength: 3,
      maxLength: 64,
      pattern: '^[A-Za-z0-9_+\\-/]+$',
      description: 'IANA time zone of the venue',
    }),
  ),
  kind: Type.Optional(EventKind),
})
const SeatInput = closed({
  section: Type.Optional(text(40, 'section or block')),
  row: Type.Optional(text(20, 'row')),
  number: Type.Optional(text(20, 'seat number')),
})
const fields = {
  title: text(200, 'what is for sale'),
  price: PriceMinor,
  currency: Type.Optional(Currency),
  description: Type.Optional(prose(4000, 'anything that a buyer should know')),
  eventId: Type.Optional(Id),
  event: Type.Optional(EventInput),
  seat: Type.Optional(SeatInput),
}
const TicketBody = closed(fields)

export const listTicket = endpoint({
  method: 'POST',
  path: '/api/tickets',
  summary: 'List a ticket for sale; a numbered seat of an event can be listed once',
  who: 'user',
  body: TicketBody,
  success: { status: 201, body: Ticket },
  refusals: ['banned', 'account-closing', 'address-unconfirmed', 'seat-listed'],
  tagged: true,
})

export const browseTickets = endpoint({
  method: 'GET',
  path: '/api/tickets',
  summary: 'Listed tickets, newest first',
  who: 'anyone',
  query: closed({
    q: Type.Optional(
      Type.String({ maxLength: 200, pattern: '^[^\\u0000]*$', description: 'words in title, event or venue' }),
    ),
    eventId: Type.Optional(Id),
    minPrice: Type.Optional(Type.Integer({ ...PriceMinor, description: 'minor units; requires a currency' })),
    maxPrice: Type.Optional(Type.Integer({ ...PriceMinor, description: 'minor units; requires a currency' })),
    currency: Type.Optional(Currency),
    sort: Type.Optional(
      Type.Enum(['newest', 'price', '-price', 'soonest'], {
        default: 'newest',
        description: 'sorting by price requires a currency',
      }),
    ),
    ...paging,
  }),
  success: { status: 200, body: Type.Array(Ticket) },
  refusals: [],
  paged: true,
})

export const myTickets = endpoint({
  method: 'GET',
  path: '/api/tickets/mine',
  summary: 'Your tickets in every status, newest first',
  who: 'user',
  query: closed(paging),
  success: { status: 200, body: Type.Array(Ticket) },
  refusals: [],
  paged: true,
})

export const showTicket = endpoint({
  method: 'GET',
  path: '/api/tickets/:id',
  summary: 'One ticket',
  who: 'anyone',
  params: ticketParams,
  success: { status: 200, body: Ticket },
  refusals: ['not-found'],
  tagged: true,
})

export const liveTickets = endpoint({
  method: 'GET',
  path: '/api/tickets/live',
  summary: 'Tickets as they are now, and every change to them from now on',
  who: 'anyone',
  query: closed({
    ids: Type.Optional(IdList('tickets')),
    eventId: Type.Optional(Id),
  }),
  success: { status: 200, body: null },
  stream: { ticket: Ticket },
  refusals: ['too-many-streams'],
})

const editRefusals = [
  'forbidden',
  'not-found',
  'ticket-reserved',
  'ticket-sold',
  'ticket-withdrawn',
  'stale-version',
  'seat-listed',
] as const

export const replaceTicket = endpoint({
  method: 'PUT',
  path: '/api/tickets/:id',
  summary: 'Replace the description of your ticket',
  who: 'user',
  params: ticketParams,
  body: TicketBody,
  success: { status: 200, body: Ticket },
  refusals: editRefusals,
  tagged: true,
})

export const editTicket = endpoint({
  method: 'PATCH',
  path: '/api/tickets/:id',
  summary: 'Change part of your ticket',
  who: 'user',
  params: ticketParams,
  body: closed({ ...fields, title: Type.Optional(fields.title), price: Type.Optional(fields.price) }),
  success: { status: 200, body: Ticket },
  refusals: editRefusals,
  tagged: true,
})

export const withdrawTicket = endpoint({
  method: 'DELETE',
  path: '/api/tickets/:id',
  summary: 'Withdraw your ticket from sale',
  who: 'user',
  params: ticketParams,
  success: { status: 204, body: null },
  refusals: ['forbidden', 'not-found', 'ticket-reserved', 'ticket-sold', 'stale-version'],
})

export const takeDownTicket = endpoint({
  method: 'POST',
  path: '/api/admin/tickets/:id/withdrawal',
  summary: 'Take a ticket off sale; a reserved one goes once its order ends unpaid',
  who: 'admin',
  params: ticketParams,
  body: closed({ reason: text(500, 'why; its seller reads it') }),
  success: { status: 204, body: null },
  refusals: ['not-found', 'ticket-sold'],
})

export const browseEveryTicket = endpoint({
  method: 'GET',
  path: '/api/admin/tickets',
  summary: 'Tickets in every status, newest first',
  who: 'admin',
  query: closed({ status: Type.Optional(TicketStatus), sellerId: Type.Optional(Id), ...paging }),
  success: { status: 200, body: Type.Array(Ticket) },
  refusals: [],
  paged: true,
})
