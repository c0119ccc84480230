// tickets: owns tickets and their events; decides whether a ticket is listed, reserved, sold or withdrawn, and
// its price.

import type { TicketState } from '@aisle/contracts/messages/tickets'
import { defineService } from '@aisle/kit/boot/service'
import { createBell } from '@aisle/kit/time/bell'
import { config, type Parts } from './context.ts'
import { eraseTickets } from './erase-tickets.ts'
import { browseEvents, showEvent } from './features/browse-events.ts'
import { browseEveryTicket, browseTickets, myTickets } from './features/browse-tickets.ts'
import { editTicket, replaceTicket } from './features/edit-ticket.ts'
import { eraseUser } from './features/erase-user.ts'
import { followUser } from './features/follow-user.ts'
import { freeSeat } from './features/free-seat.ts'
import { holdLonger } from './features/hold-longer.ts'
import { holdTicket } from './features/hold-ticket.ts'
import { listTicket } from './features/list-ticket.ts'
import { liveTickets } from './features/live-tickets.ts'
import { releaseFromUnknown, releaseTicket } from './features/release-ticket.ts'
import { sellTicket } from './features/sell-ticket.ts'
import { showTicket } from './features/show-ticket.ts'
import { takeDownTicket } from './features/take-down-ticket.ts'
import { withdrawTicket } from './features/withdraw-ticket.ts'
import { forgetEndedOrders } from './forget-ended-orders.ts'
import { holds } from './holds.ts'
import { indexNames } from './index-names.ts'
import { indexSeats } from './index-seats.ts'
import { createLists } from './lists.ts'
import { everyTicket } from './snapshot.ts'
import { withdrawOfBanned } from './withdraw-of-banned.ts'

export const tickets = defineService<typeof config, Parts>({
  name: 'tickets',
  description: 'What is for sale, and in which state.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts({ db, config }, closers) {
    const lists = createLists(db.sql, config.DATABASE_URL)
    closers.push(() => lists.close())
    return { bans: createBell(), erasures: createBell(), lists }
  },
  routes: [
    listTicket,
    browseTickets,
    myTickets,
    showTicket,
    replaceTicket,
    editTicket,
    withdrawTicket,
    browseEvents,
    showEvent,
    liveTickets,
    browseEveryTicket,
    takeDownTicket,
  ],
  // A page shows either single tickets or all tickets of an event.
  topicsOf: ({ subject, data }) => {
    const { event } = data as Partial<TicketState>
    return event ? [subject, event.id] : [subject]
  },
  snapshot: [everyTicket],
  holds,
  reactions: [
    holdTicket,
    holdLonger,
    releaseTicket,
    releaseFromUnknown,
    sellTicket,
    freeSeat,
    ...followUser,
    eraseUser,
  ],
  jobs: [forgetEndedOrders, indexNames, indexSeats, withdrawOfBanned, eraseTickets],
})
