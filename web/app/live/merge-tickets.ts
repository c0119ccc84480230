// Merges the tickets sent with a page with later updates. The higher version is the newer one, whichever way it
// came.

import type { Ticket } from '@aisle/contracts/entities'

export type Heard = ReadonlyMap<string, Ticket>

export function newest(sent: Ticket, heard: Heard): Ticket {
  const later = heard.get(sent.id)
  return later && later.version > sent.version ? later : sent
}

/**
 * The part of an event's tickets in one currency, cheapest first, that the page shows. Null means any, on a
 * page without tickets.
 */
type Part = { eventId: string; currency: Ticket['currency'] | null; hasBefore: boolean; hasAfter: boolean }

/** The page's tickets in their positions, and those listed since that belong between them. */
export function mergeTickets(sent: readonly Ticket[], heard: Heard, part: Part): Ticket[] {
  const tickets = sent.map((ticket) => newest(ticket, heard))
  const known = new Set(sent.map(({ id }) => id))
  const [lowest, highest] = [sent[0]?.price ?? 0, sent.at(-1)?.price ?? 0]
  for (const ticket of heard.values()) {
    if (known.has(ticket.id) || ticket.status !== 'listed' || ticket.event?.id !== part.eventId) continue
    if (ticket.currency !== (part.currency ?? tickets[0]?.currency ?? ticket.currency)) continue
    if ((part.hasBefore && ticket.price <= lowest) || (part.hasAfter && ticket.price >= highest)) continue
    const before = tickets.findIndex(({ price }) => price > ticket.price)
    tickets.splice(before === -1 ? tickets.length : before, 0, ticket)
  }
  return tickets
}

/** How many of the sent tickets are no longer for sale, and how many were added. */
export function changesOf(sent: readonly Ticket[], tickets: readonly Ticket[]): { gone: number; added: number } {
  return {
    gone: tickets.filter(({ status }) => status !== 'listed').length,
    added: tickets.length - sent.length,
  }
}
