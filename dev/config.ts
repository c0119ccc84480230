// The settings of `npm start`, in the environment or in a file `.env`. README's table is checked against this.

import { tracingConfig } from '@aisle/kit/config'
import { Type } from 'typebox'

export const devConfig = {
  PORT: Type.Integer({ default: 3000, minimum: 1, maximum: 65535, description: 'port of the front door' }),
  DATA_DIR: Type.String({ default: '.data', minLength: 1, description: 'directory for databases, sandbox and keys' }),
  ORDER_WINDOW_SECONDS: Type.Integer({
    default: 900,
    minimum: 1,
    maximum: 86_400,
    description: 'seconds for which a reserved ticket is kept for its buyer',
  }),
  MAX_UNPAID_ORDERS: Type.Integer({
    default: 6,
    minimum: 1,
    maximum: 1_000_000,
    description: 'unpaid orders that one buyer may have at a time',
  }),
  MAX_TICKETS_PER_EVENT: Type.Integer({
    default: 8,
    minimum: 1,
    maximum: 1_000_000,
    description: 'tickets for one event that one buyer may have, paid or unpaid',
  }),
  UNCONFIRMED_ADDRESSES: Type.Enum(['limited', 'free'], {
    default: 'limited',
    description: 'limited: a user must confirm the email before selling, or reserving a second ticket; free: need not',
  }),
  ADMIN_SECOND_FACTOR: Type.Enum(['required', 'off'], {
    default: 'off',
    description: 'required: admins need a second factor, as they do elsewhere; off: the password is enough',
  }),
  SEED: Type.Enum([0, 1], { default: 1, description: '1 creates demo users and tickets once; 0 does not' }),
  RATE_LIMIT: Type.String({
    default: '1200',
    pattern: '^(off|[1-9][0-9]*)$',
    description: 'requests per minute from one client address, or off',
  }),
  SIGN_UPS_PER_HOUR: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 1_000_000,
    description: 'accounts per hour from one client address, which everyone on one machine shares; elsewhere 5',
  }),
  PROVIDER_CALLS_PER_SECOND: Type.Integer({
    default: 25,
    minimum: 1,
    maximum: 10_000,
    description: 'calls to the payment provider per second',
  }),
  PLATFORM_FEE_BASIS_POINTS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 5_000,
    description: "the marketplace's share of a price, in hundredths of a percent",
  }),
  MAIL_URL: Type.String({
    default: 'mailbox:',
    pattern: '^(mailbox:|smtps?://[^/]+/?)$',
    description: 'where mails go: mailbox: shows them at /dev/mail; smtp://user:password@host:port sends them',
  }),
  MAIL_FROM: Type.String({ default: 'Aisle <aisle@localhost>', description: 'the sender of mails' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'warn',
    description: 'lowest severity that is logged',
  }),
  ...tracingConfig,
}
