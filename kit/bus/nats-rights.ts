// What a service may do on a broker: publish under its own subjects, read its publishers' streams through consumers
// of its own name, and ask publishers to publish again. A compromised service can publish nothing in another's
// name.
//
// A stream's owner can have the broker copy messages to any subject (`republish`), past all rights. nats-stream.ts
// recognises such messages, and consumers refuse them.

import { rewindSubject } from './nats-rewind.ts'
import { streamName, subjectsOf } from './nats-stream.ts'

/** Subjects that a user of the broker may publish to and subscribe to. */
export type BrokerRights = { readonly publish: readonly string[]; readonly subscribe: readonly string[] }

export type BrokerUser = {
  readonly name: string
  /**
   * Starts with a letter; letters, digits, `-` and `_` only, since other characters have a meaning in the broker's
   * configuration file.
   */
  readonly password: string
  /** Without rights the user may do everything: an operator. */
  readonly rights?: BrokerRights
}

/** Prefix of the subjects on which replies to a service arrive; no other service may subscribe there. */
export const inboxOf = (namespace: string, name: string): string => `_INBOX.${namespace}.${name}`

/**
 * The rights that the service `name`, which consumes the messages of `publishers`, needs in one namespace of the
 * broker.
 */
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
          // The second is the name of the first on servers before 2.9.
          ...api(`CONSUMER.CREATE.${consumer}`, `CONSUMER.DURABLE.CREATE.${consumer}`),
          ...api(`CONSUMER.INFO.${consumer}`, `CONSUMER.DELETE.${consumer}`, `CONSUMER.MSG.NEXT.${consumer}`),
          `$JS.ACK.${consumer}.>`,
        ]
      }),
    ],
    subscribe: [`${inboxOf(namespace, name)}.>`, rewindSubject(namespace, name)],
  }
}

/** The content of the block `authorization` of nats.conf. */
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
