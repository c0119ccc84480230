// The AsyncAPI 3 document of all messages between the services, generated from the declarations of messages:
// nothing is written twice. See https://www.asyncapi.com/docs/reference/specification/v3.0.0.

import type { ServiceName } from './endpoint.ts'
import { Envelope, type Message } from './message.ts'

type Json = Record<string, unknown>
/** Which service consumes which types of messages. */
export type Heard = readonly { readonly name: ServiceName; readonly types: readonly string[] }[]

const ref = (...path: string[]) => ({ $ref: `#/${path.join('/')}` })
/** A name that every part of the document allows: `order:payment-accepted` is `order.payment-accepted`. */
const nameOf = (type: string) => type.replace(':', '.')
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** Builds the document: a channel for each message, an operation for its publisher and for each of its consumers. */
export function asyncapi(messages: readonly Message[], heard: Heard): Json {
  const channels: Json = {}
  const operations: Json = {}
  const declared: Json = {}
  const schemas: Json = {}
  /**
   * A state that several messages carry is named after the thing: Order. Data of a single message is named after
   * that: TicketRefused.
   */
  const schemaNameOf = (data: Message['data']) => {
    const [first, ...others] = messages.filter((message) => message.data === data)
    const words = (first?.type ?? '').split(/[:-]/)
    const name = (others.length > 0 ? words.slice(0, 1) : words).map(capital).join('')
    schemas[name] = data
    return name
  }
  // Sorted: the order of a module's exports differs between loaders.
  for (const { type, source, data } of messages.toSorted((a, b) => (a.type < b.type ? -1 : 1))) {
    const name = nameOf(type)
    channels[name] = {
      address: `aisle.${source}.${name}`,
      messages: { [name]: ref('components', 'messages', name) },
    }
    const about = { channel: ref('channels', name), messages: [ref('channels', name, 'messages', name)] }
    operations[`${source}.says.${name}`] = { action: 'send', ...about, tags: [{ name: source }] }
    for (const listener of heard.filter(({ types }) => types.includes(type)))
      operations[`${listener.name}.hears.${name}`] = { action: 'receive', ...about, tags: [{ name: listener.name }] }
    declared[name] = {
      name: type,
      contentType: 'application/json',
      payload: {
        allOf: [
          ref('components', 'schemas', 'Envelope'),
          {
            type: 'object',
            properties: {
              source: { const: `/aisle/${source}` },
              type: { const: type },
              data: ref('components', 'schemas', schemaNameOf(data)),
            },
          },
        ],
      },
    }
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Aisle',
      description:
        'What the services say to each other. Each message is a CloudEvents 1.0 envelope; it is written in the transaction of what it tells, delivered at least once, and in order for each publisher. Addresses are those of the nats bus; its first word is BUS_NAMESPACE.',
      version: '1.0.0',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: { messages: declared, schemas: { Envelope, ...schemas } },
  }
}
