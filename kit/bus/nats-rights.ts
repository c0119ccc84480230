// What a service may do on a broker: publish under its own subjects, read its publishers' streams by consumers of its own name, and ask them to publish again.
// A service that is taken over by somebody can say nothing in another's name.
//
// A stream's owner can have the broker copy messages to any subject (`republish`), past all rights. What came so is told apart by nats-stream.ts and refused.

import { rewindSubject } from './nats-rewind.ts'
import { streamName, subjectsOf } from './nats-stream.ts'

/** Subjects that a user of the broker may publish to and subscribe to. */
export type BrokerRights = { readonly publish: readonly string[]; readonly subscribe: readonly string[] }

export type BrokerUser = {
  readonly name: string
  /** A letter first; letters, digits, `-` and `_`, for in a file of the broker others mean something. */
  readonly password: string
  /** Without them the user may do everything: an operator. */
  readonly rights?: BrokerRights
}

/** Where answers to a service come; nobody else may listen there. */
export const inboxOf = (namespace: string, name: string): string => `_INBOX.${namespace}.${name}`

/** What the service `name` needs that hears `publishers`, in one namespace of the broker. */
export function rightsOf(namespace: string, name: string, publishers: readonly string[]): BrokerRights {
  const own = streamName(namespace, name)
  const api = (...operations: string[]) => operations.map((operation) => `$JS.API.${operation}`)
  return {
    publish: [
      ...subjectsOf(namespace, name),
      ...api('INFO', `STREAM.CREATE.${own}`, `STREAM.UPDATE.${own}`),
      ...api(`STREAM.INFO.${own}`, `STREAM.MSG.GET.${own}`, `CONSUMER.LIST.${own}`),
      ...publishers.flatMap((publisher) => {
        const stream = streamName(namespace, publisher)
        const consumer = `${stream}.${name}`
        return [
          rewindSubject(namespace, publisher),
          ...api(`STREAM.INFO.${stream}`, `STREAM.MSG.GET.${stream}`),
          // The second is what servers before 2.9 call the first.
          ...api(`CONSUMER.CREATE.${consumer}`, `CONSUMER.DURABLE.CREATE.${consumer}`),
          ...api(`CONSUMER.INFO.${consumer}`, `CONSUMER.DELETE.${consumer}`, `CONSUMER.MSG.NEXT.${consumer}`),
          `$JS.ACK.${consumer}.>`,
        ]
      }),
    ],
    subscribe: [`${inboxOf(namespace, name)}.>`, rewindSubject(namespace, name)],
  }
}

/** The inside of the block `authorization` of nats.conf. */
export function brokerUsers(users: readonly BrokerUser[]): string {
  const list = (subjects: readonly string[]) => `{ allow: [${subjects.map((subject) => `"${subject}"`).join(', ')}] }`
  const lines = users.map(({ name, password, rights }) => {
    const permissions = rights
      ? `, permissions: { publish: ${list(rights.publish)}, subscribe: ${list(rights.subscribe)} }`
      : ''
    return `  { user: "${name}", password: "${password}"${permissions} }\n`
  })
  return `users: [\n${lines.join('')}]\n`
}
