// Which service answers which endpoints: for documents, tests and the front door.

import type { Endpoint, ServiceName } from '../endpoint.ts'
import * as events from './events.ts'
import * as orders from './orders.ts'
import * as payments from './payments.ts'
import * as tickets from './tickets.ts'
import * as users from './users.ts'

export const endpoints: Record<ServiceName, readonly Endpoint[]> = {
  auth: Object.values(users),
  tickets: [...Object.values(tickets), ...Object.values(events)],
  orders: Object.values(orders),
  expiration: [],
  payments: Object.values(payments),
}
