// All messages for readers: who publishes each, who consumes it, what it says and the fields of its data. Made from
// the declarations; docs/messages.md and the page /api/docs/messages show it.

import { type ServiceName, services } from './endpoint.ts'
import { Envelope, type Message } from './message.ts'
import { Id, Timestamp, type TSchema } from './schema.ts'

/** Which service consumes which types of messages. */
export type Heard = readonly { readonly name: ServiceName; readonly types: readonly string[] }[]

/** `name` has dots where it is inside another field. `type` and `meaning` are prose with `code` in backticks. */
export type Field = { name: string; optional: boolean; type: string; meaning: string }

export type Catalogue = {
  envelope: Field[]
  publishers: {
    name: ServiceName
    messages: { type: string; description: string; heardBy: ServiceName[]; data: string }[]
    /** The data of these messages, each form once. */
    data: { name: string; types: string[]; fields: Field[] }[]
  }[]
}

/** Builds the catalogue, with the services in their order and the messages of each by their type. */
export function catalogueOf(messages: readonly Message[], heard: Heard): Catalogue {
  const nameOf = dataNames(messages)
  return {
    envelope: fieldsOf(Envelope).filter(({ name }) => name !== 'data'),
    publishers: services.map((name) => {
      const own = sorted(messages).filter(({ source }) => source === name)
      return {
        name,
        messages: own.map(({ type, description, data }) => ({
          type,
          description,
          heardBy: heard.filter(({ types }) => types.includes(type)).map((listener) => listener.name),
          data: nameOf(data),
        })),
        data: [...Map.groupBy(own, ({ data }) => data)].map(([data, of]) => ({
          name: nameOf(data),
          types: of.map(({ type }) => type),
          fields: fieldsOf(data),
        })),
      }
    }),
  }
}

/** By type: the order of a module's exports differs between loaders. */
export const sorted = (messages: readonly Message[]): Message[] =>
  messages.toSorted((a, b) => (a.type < b.type ? -1 : 1))

/**
 * The name of each form of data. A state that several messages carry is named after the thing: Order. Data of a
 * single message is named after that: TicketRefused.
 */
export const dataNames = (messages: readonly Message[]) => (data: TSchema) => {
  const [first, ...others] = messages.filter((message) => message.data === data)
  const words = (first?.type ?? '').split(/[:-]/)
  return (others.length > 0 ? words.slice(0, 1) : words).map(capital).join('')
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

/** What we read of a JSON schema. */
type Schema = {
  type?: string
  format?: string
  description?: string
  const?: unknown
  enum?: unknown[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
}

/** Descriptions that only repeat what the type says. */
const saidByType = new Set([Id, Timestamp].map((schema) => (schema as Schema).description))

function fieldsOf(schema: TSchema, within = ''): Field[] {
  const { properties = {}, required = [] } = schema as Schema
  return Object.entries(properties).flatMap(([key, property]) => {
    const name = `${within}${key}`
    const field = { name, optional: !required.includes(key), type: typeOf(property), meaning: meaningOf(property) }
    const inner = property.items ?? property
    return [field, ...(inner.properties ? fieldsOf(inner as TSchema, `${name}.`) : [])]
  })
}

const meaningOf = ({ description = '' }: Schema) => (saidByType.has(description) ? '' : description)

function typeOf(schema: Schema): string {
  if (schema.enum) return listed(schema.enum.map((value) => `\`${value}\``))
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.items) return `list of ${typeOf(schema.items)}`
  if (schema.format === 'uuid') return 'id'
  if (schema.format === 'date-time') return 'time'
  return schema.type === 'string' ? 'text' : (schema.type ?? 'any')
}

const listed = (words: readonly string[]) =>
  words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : (words[0] ?? '')
