import { Ticket } from '../entities.ts'
import { message } from '../message.ts'
import { Id, type Static, Type, Version } from '../schema.ts'

/** The whole state of a ticket, for mirrors. `orderId` tells who holds it, and never leaves the services. */
const { takedownReason: _, ...said } = Ticket.properties
export const TicketState = Type.Object({
  ...said,
  orderId: Type.Optional(Id),
  takenDown: Type.Optional(Type.Literal(true, { description: 'an admin took it off sale' })),
})
export type TicketState = Static<typeof TicketState>

export const TicketCreated = message('tickets', 'ticket:created', 'A seller has listed a ticket.', TicketState)
export const TicketUpdated = message(
  'tickets',
  'ticket:updated',
  'A seller has changed a listed ticket, or the event of a ticket was corrected.',
  TicketState,
)
export const TicketReserved = message(
  'tickets',
  'ticket:reserved',
  'The ticket is held for the order `orderId`.',
  TicketState,
)
export const TicketReleased = message(
  'tickets',
  'ticket:released',
  'The order that held the ticket has ended. The ticket is for sale again.',
  TicketState,
)
export const TicketSold = message(
  'tickets',
  'ticket:sold',
  'The ticket is sold to the order `orderId`; or its buyer was refunded, or that refund has failed.',
  TicketState,
)
export const TicketWithdrawn = message(
  'tickets',
  'ticket:withdrawn',
  'The ticket is off sale, by its seller, by an admin or with its seller’s account.',
  TicketState,
)

export const TicketRefused = message(
  'tickets',
  'ticket:refused',
  'An order that asked for the ticket cannot have it. The ticket does not change.',
  Type.Object({
    ticketId: Id,
    version: Version,
    orderId: Id,
    reason: Type.Enum(['ticket-unavailable', 'price-changed']),
  }),
)
