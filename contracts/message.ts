// The form of messages on the bus: a CloudEvents 1.0 envelope (https://cloudevents.io) around data whose schema is
// declared once.

import type { ServiceName } from './endpoint.ts'
import { Id, type Static, Timestamp, type TSchema, Type } from './schema.ts'

export type Message<D extends TSchema = TSchema> = {
  /** `noun:what-has-happened`; on NATS the colon becomes a dot. */
  readonly type: string
  readonly source: ServiceName
  /** What it says, in a sentence or two. */
  readonly description: string
  readonly data: D
}

/** Declares a message. Consumers accept unknown fields, so that a newer publisher can add some. */
export const message = <D extends TSchema>(
  source: ServiceName,
  type: string,
  description: string,
  data: D,
): Message<D> => ({ type, source, description, data })

export type Data<M extends Message> = Static<M['data']>

/** The envelope, with data of any form. */
export const Envelope = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Id,
  source: Type.String({ pattern: '^/aisle/[a-z]+$', description: '`/aisle/` and the service' }),
  type: Type.String({ pattern: '^[a-z]+:[a-z-]+$' }),
  subject: Type.String({ ...Id, description: 'the ticket, order, payment or user that it is about' }),
  time: Timestamp,
  datacontenttype: Type.Literal('application/json'),
  requestid: Type.Optional(Type.String({ maxLength: 64, description: 'the request that caused it, for the logs' })),
  traceparent: Type.Optional(
    Type.String({ maxLength: 55, description: 'the span that caused it (W3C Trace Context)' }),
  ),
  snapshot: Type.Optional(
    Type.Literal(true, { description: 'nothing has happened: a state is said again, for mirrors that may lack it' }),
  ),
  data: Type.Unknown(),
})
export type Envelope<D = unknown> = Omit<Static<typeof Envelope>, 'data'> & { data: D }
