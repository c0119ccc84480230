// A seller is told that an admin took a listing off sale. The reason is on the page of the ticket.

import { TicketWithdrawn } from '@aisle/contracts/messages/tickets'
import { on } from '@aisle/kit/bus/reaction'
import type { NoticesService } from '../context.ts'
import { makeNotices } from '../make-notices.ts'

export const hearTakedowns = on(TicketWithdrawn, async (tx, message, service: NoticesService) => {
  const { id, title, seller, takenDown } = message.data
  if (!takenDown) return
  const params = { ticketId: id, title }
  await makeNotices(tx, service, [{ kind: 'taken-down', userId: seller.id, fact: id, params }], message)
})
