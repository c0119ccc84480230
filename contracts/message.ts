// The form of messages on the bus: a CloudEvents 1.0 envelope (https://cloudevents.io) around data whose schema is
// declared once.

import type { ServiceName } from './endpoint.ts'
import { Id, type Static, Timestamp, type TSchema, Type } from './schema.ts'

export type Message<D extends TSchema = TSchema> = {
  /** `noun:what-has-happened`; on NATS the colon becomes a dot. */
  readonly type: string
  readonly source: ServiceName
  readonly data: D
}

/** Declares a message. Consumers accept unknown fields, so that a newer publisher can add some. */
export const message = <D extends TSchema>(source: ServiceName, type: string, data: D): Message<D> => ({
  type,
  source,
  data,
})

export type Data<M extends Message> = Static<M['data']>

/** The envelope, with data of any form. `requestid` is the request that caused the message, for the logs. */
export const Envelope = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Id,
  source: Type.String({ pattern: '^/aisle/[a-z]+$' }),
  type: Type.String({ pattern: '^[a-z]+:[a-z-]+$' }),
  subject: Id,
  time: Timestamp,
  datacontenttype: Type.Literal('application/json'),
  requestid: Type.Optional(Type.String({ maxLength: 64 })),
  traceparent: Type.Optional(Type.String({ maxLength: 55 })),
  snapshot: Type.Optional(
    Type.Literal(true, { description: 'nothing has happened: a state is said again, for mirrors that may lack it' }),
  ),
  data: Type.Unknown(),
})
export type Envelope<D = unknown> = Omit<Static<typeof Envelope>, 'data'> & { data: D }
