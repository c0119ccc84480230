// The permissions on the bus, derived from what the services declare that they consume.

import { heardBy } from '@aisle/kit/boot/hears'
import { type BrokerUser, rightsOf } from '@aisle/kit/bus/nats-rights'
import { definitions } from '../../services/definitions.ts'

/** The default of BUS_NAMESPACE. */
const namespace = 'aisle'

/** A user for each service. `passwordOf` is called for each. */
export const busUsers = (passwordOf: (service: string) => string): BrokerUser[] =>
  definitions.map((definition) => ({
    name: definition.name,
    password: passwordOf(definition.name),
    rights: rightsOf(namespace, definition.name, heardBy(definition).publishers),
  }))
