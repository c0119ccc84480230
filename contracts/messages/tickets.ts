import { Ticket } from '../entities.ts'
import { message } from '../message.ts'
import { Id, type Static, Type, Version } from '../schema.ts'

/** The whole state of a ticket, for mirrors. `orderId` tells who holds it, and never leaves the services. */
const { takedownReason: _, ...said } = Ticket.properties
export const TicketState = Type.Object({ ...said, orderId: Type.Optional(Id) })
export type TicketState = Static<typeof TicketState>

export const TicketCreated = message('tickets', 'ticket:created', TicketState)
export const TicketUpdated = message('tickets', 'ticket:updated', TicketState)
export const TicketReserved = message('tickets', 'ticket:reserved', TicketState)
export const TicketReleased = message('tickets', 'ticket:released', TicketState)
export const TicketSold = message('tickets', 'ticket:sold', TicketState)
export const TicketWithdrawn = message('tickets', 'ticket:withdrawn', TicketState)

/** The ticket does not change: the order that asked for it cannot have it. */
export const TicketRefused = message(
  'tickets',
  'ticket:refused',
  Type.Object({
    ticketId: Id,
    version: Version,
    orderId: Id,
    reason: Type.Enum(['ticket-unavailable', 'price-changed']),
  }),
)
