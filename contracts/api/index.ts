// Which service answers which endpoints: for documents, tests and the front door.

import type { Endpoint, ServiceName } from '../endpoint.ts'
import { auditEndpoint } from './audit.ts'
import * as events from './events.ts'
import { failedEndpoints } from './messages.ts'
import * as orders from './orders.ts'
import * as payments from './payments.ts'
import * as tickets from './tickets.ts'
import * as users from './users.ts'

const of = (service: ServiceName, own: readonly Endpoint[]): readonly Endpoint[] => [
  ...own,
  ...Object.values(failedEndpoints(service)),
  auditEndpoint(service),
]

export const endpoints: Record<ServiceName, readonly Endpoint[]> = {
  auth: of('auth', Object.values(users)),
  tickets: of('tickets', [...Object.values(tickets), ...Object.values(events)]),
  orders: of('orders', Object.values(orders)),
  expiration: of('expiration', []),
  payments: of('payments', Object.values(payments)),
}
