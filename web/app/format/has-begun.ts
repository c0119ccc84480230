import type { TicketEvent } from '@aisle/contracts/entities'

/** Whether an event has begun by the web server's clock: its tickets are not for sale any more. */
export const hasBegun = ({ startsAt }: Pick<TicketEvent, 'startsAt'>): boolean => Date.parse(startsAt) <= Date.now()
