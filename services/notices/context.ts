// What the features of notices receive: its configuration and the parts it builds at start.

import type { Service } from '@aisle/kit/boot/service'
import { Type } from 'typebox'
import type { Gate } from './mail/gate.ts'
import type { Transport } from './mail/transport.ts'

export const config = {
  MAIL_URL: Type.String({
    default: 'mailbox:',
    pattern: '^(mailbox:|smtps?://[^/]+/?)$',
    description:
      'where mails go: smtp://user:password@host:port or smtps://…, or mailbox: for the development mailbox, which everybody can read and only development has',
  }),
  MAIL_FROM: Type.String({
    default: 'Aisle <aisle@localhost>',
    maxLength: 254,
    pattern: '^([^<>\\r\\n"]+ <[^\\s<>@]+@[^\\s<>@]+>|[^\\s<>@]+@[^\\s<>@]+)$',
    description: 'the sender of mails, as Name <address>',
  }),
  MAIL_CONNECTIONS: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 100,
    description: 'mails that one process sends at a time',
  }),
}

export type Parts = {
  readonly transport: Transport
  /** Lets the most important mail go first when all connections are in use. */
  readonly gate: Gate
  /** When this marketplace began to send notices. */
  readonly beginning: Date
}
export type NoticesService = Service<typeof config, Parts>
