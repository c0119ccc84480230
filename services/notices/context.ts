// What the features of notices receive: its configuration and the parts it builds at start.

import type { Service } from '@aisle/kit/boot/service'
import { Type } from 'typebox'
import type { Gate } from './mail/gate.ts'
import { returnPattern } from './mail/return-address.ts'
import type { Transport } from './mail/transport.ts'
import type { Meters } from './meters.ts'

export const config = {
  MAIL_SECRET: Type.String({
    minLength: 32,
    description:
      'key of the HMACs of addresses that get no mail, of links that end a kind of mail, and of return addresses',
  }),
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
  MAIL_RETURN: Type.Optional(
    Type.String({
      pattern: returnPattern,
      description:
        'where mails come back that cannot be delivered, such as bounces@mail.example.org, of at most 17 characters before the @; each mail has one of its own, bounces+…@mail.example.org. By default they come back to MAIL_FROM',
    }),
  ),
  MAIL_RETURN_PORT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: 'port to listen on for mails that come back, over SMTP; requires MAIL_RETURN',
    }),
  ),
  MAIL_WEBHOOK_SECRETS: Type.Optional(
    Type.String({
      pattern: '^whsec_[A-Za-z0-9+/]{32,}={0,2}(,whsec_[A-Za-z0-9+/]{32,}={0,2})?$',
      description:
        'the secret that signs the mail provider’s webhooks, whsec_…; two, separated by a comma, during a rotation',
    }),
  ),
}

export type Parts = {
  readonly transport: Transport
  /** Lets the most important mail go first when all connections are in use. */
  readonly gate: Gate
  readonly meters: Meters
  /** When this marketplace began to send notices. */
  readonly beginning: Date
}
export type NoticesService = Service<typeof config, Parts>
