// The AsyncAPI 3 document of all messages between the services, generated from the declarations of messages:
// nothing is written twice. See https://www.asyncapi.com/docs/reference/specification/v3.0.0.

import { Envelope, type Message } from './message.ts'
import { dataNames, type Heard, sorted } from './message-catalogue.ts'

type Json = Record<string, unknown>

const ref = (...path: string[]) => ({ $ref: `#/${path.join('/')}` })
/** A name that every part of the document allows: `order:payment-accepted` is `order.payment-accepted`. */
const nameOf = (type: string) => type.replace(':', '.')

/** Builds the document: a channel for each message, an operation for its publisher and for each of its consumers. */
export function asyncapi(messages: readonly Message[], heard: Heard): Json {
  const channels: Json = {}
  const operations: Json = {}
  const declared: Json = {}
  const schemas: Json = {}
  const nameOfData = dataNames(messages)
  for (const { type, source, description, data } of sorted(messages)) {
    const name = nameOf(type)
    channels[name] = {
      address: `aisle.${source}.${name}`,
      messages: { [name]: ref('components', 'messages', name) },
    }
    const about = { channel: ref('channels', name), messages: [ref('channels', name, 'messages', name)] }
    operations[`${source}.says.${name}`] = { action: 'send', ...about, tags: [{ name: source }] }
    for (const listener of heard.filter(({ types }) => types.includes(type)))
      operations[`${listener.name}.hears.${name}`] = { action: 'receive', ...about, tags: [{ name: listener.name }] }
    schemas[nameOfData(data)] = data
    declared[name] = {
      name: type,
      description,
      contentType: 'application/json',
      payload: {
        allOf: [
          ref('components', 'schemas', 'Envelope'),
          {
            type: 'object',
            properties: {
              source: { const: `/aisle/${source}` },
              type: { const: type },
              data: ref('components', 'schemas', nameOfData(data)),
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
