// The permissions on the bus, derived from what the services declare that they consume.

import { auth } from '@aisle/auth/service'
import { expiration } from '@aisle/expiration/service'
import { heardBy } from '@aisle/kit/boot/hears'
import type { AnyService } from '@aisle/kit/boot/service'
import { type BrokerUser, rightsOf } from '@aisle/kit/bus/nats-rights'
import { orders } from '@aisle/orders/service'
import { payments } from '@aisle/payments/service'
import { tickets } from '@aisle/tickets/service'

const definitions: readonly AnyService[] = [auth, tickets, orders, expiration, payments]

/** The default of BUS_NAMESPACE. */
const namespace = 'aisle'

/** A user for each service. `passwordOf` is called for each. */
export const busUsers = (passwordOf: (service: string) => string): BrokerUser[] =>
  definitions.map((definition) => ({
    name: definition.name,
    password: passwordOf(definition.name),
    rights: rightsOf(namespace, definition.name, heardBy(definition).publishers),
  }))
