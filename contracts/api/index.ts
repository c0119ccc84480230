// Which service answers which endpoints: for documents, tests and the front door.

import { type Endpoint, type ServiceName, services } from '../endpoint.ts'
import { auditEndpoint } from './audit.ts'
import * as events from './events.ts'
import { failedEndpoints } from './messages.ts'
import * as notices from './notices.ts'
import * as orders from './orders.ts'
import * as passkeys from './passkeys.ts'
import * as payments from './payments.ts'
import { personalDataEndpoint } from './personal-data.ts'
import * as tickets from './tickets.ts'
import * as users from './users.ts'

/** What a service answers besides what every service does; one that answers nothing else is not here. */
const own: Partial<Record<ServiceName, readonly Endpoint[]>> = {
  auth: [...Object.values(users), ...Object.values(passkeys)],
  tickets: [...Object.values(tickets), ...Object.values(events)],
  orders: Object.values(orders),
  payments: Object.values(payments),
  notices: Object.values(notices),
}

/** The endpoints of each service. */
export const endpoints = Object.fromEntries(
  services.map((service) => [
    service,
    [
      ...(own[service] ?? []),
      ...Object.values(failedEndpoints(service)),
      auditEndpoint(service),
      personalDataEndpoint(service),
    ],
  ]),
) as unknown as Record<ServiceName, readonly Endpoint[]>

/** The beginning of a path that decides its service: `/api/orders`, `/api/admin/orders`, `/api/admin/audit/orders`. */
const prefixOf = (path: string) => /^\/api\/(personal-data\/|admin\/((messages|audit)\/)?)?[^/]+/.exec(path)![0]

/** Which path belongs to which service: each begins with one of these. */
export const prefixes: readonly [prefix: string, service: ServiceName][] = services.flatMap((service) =>
  [...new Set(endpoints[service].map(({ path }) => prefixOf(path)))].map((prefix): [string, ServiceName] => [
    prefix,
    service,
  ]),
)
