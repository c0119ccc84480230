// What was typed into the ticket form, as the API takes it.

import type { listTicket } from '@aisle/contracts/api/tickets'
import type { Body } from '@aisle/contracts/endpoint'
import { fromLocalInput, knownTimeZone } from '../format/dates.ts'
import { parseMoney } from '../format/money.ts'
import { filled, type Typed } from './forms.server.ts'

type TicketBody = Body<typeof listTicket>

/** What cannot be read stays as it was typed: the API refuses it, together with all else that is wrong, and there is one judge. */
export function readTicketForm(typed: Typed, { mayLackEvent }: { mayLackEvent: boolean }): TicketBody {
  const { currency = '', price = '' } = typed
  const seat = filled({ section: typed['seat.section'], row: typed['seat.row'], number: typed['seat.number'] })
  const eventId = typed.eventId
  const body = {
    ...filled({ title: typed.title, currency, description: typed.description?.replaceAll('\r\n', '\n') }),
    price: parseMoney(price, /^[a-z]{3}$/.test(currency) ? currency : 'eur') ?? price,
    ...(Object.keys(seat).length > 0 ? { seat } : {}),
    ...(eventId ? { eventId } : readEvent(typed, mayLackEvent)),
  }
  return body as unknown as TicketBody
}

/** A ticket that came over the API may be for no event, and stay so; one that is named in part is refused for what is missing. */
function readEvent(typed: Typed, mayLackEvent: boolean): { event?: object } {
  const { 'event.startsAt': startsAt = '', 'event.timeZone': timeZone = '' } = typed
  const named = filled({ name: typed['event.name'], venue: typed['event.venue'], city: typed['event.city'] })
  if (mayLackEvent && Object.keys(named).length === 0 && startsAt === '') return {}
  return {
    event: {
      ...named,
      startsAt: fromLocalInput(startsAt, knownTimeZone(timeZone)) ?? startsAt,
      ...filled({ timeZone, kind: typed['event.kind'] }),
    },
  }
}
