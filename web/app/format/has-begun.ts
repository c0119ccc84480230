import type { TicketEvent } from '@aisle/contracts/entities'

/** Whether an event has started by the web server's clock: its tickets are no longer for sale. */
export const hasBegun = ({ startsAt }: Pick<TicketEvent, 'startsAt'>): boolean => Date.parse(startsAt) <= Date.now()
