// The configuration of payments.

import type { Service } from '@aisle/kit/boot/service'
import { Type } from 'typebox'

export const config = {
  STRIPE_SECRET_KEY: Type.String({ pattern: '^(sk|rk)_(test|live)_\\w+$', description: "the provider's secret key" }),
  STRIPE_WEBHOOK_SECRETS: Type.String({
    pattern: '^whsec_\\w+( *, *whsec_\\w+)*$',
    description: 'what webhooks are signed with; two, with a comma between them, while the secret is rolled',
  }),
  STRIPE_API_HOST: Type.Optional(Type.String({ description: 'host of the sandbox; without it calls go to Stripe' })),
  STRIPE_API_PORT: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: 'port of the sandbox' })),
  PROVIDER_CALLS_PER_SECOND: Type.Integer({
    default: 25,
    minimum: 1,
    maximum: 10_000,
    description: 'calls to the provider in a second, of all replicas together; Stripe allows 25 in test mode',
  }),
  PAY_BY_TOKEN: Type.Optional(
    Type.Enum(['on', 'off'], {
      description:
        "whether POST /api/payments takes a card's token, or cards are taken on the provider's page alone; on, but off in production",
    }),
  ),
  DECLINES_PER_BUYER: Type.Integer({
    default: 6,
    minimum: 1,
    maximum: 1_000_000,
    description: "declined cards of a buyer in an hour, after which cards are taken on the provider's page alone",
  }),
  PAGE_DECLINES_PER_BUYER: Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 1_000_000,
    description: 'declined cards of a buyer in an hour, after which none is taken',
  }),
  DECLINES_PER_ADDRESS: Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 1_000_000,
    description:
      "declined cards of a client address in an hour, after which its cards are taken on the provider's page alone; any number with RATE_LIMIT=off",
  }),
  PROVIDER_CALLS_AT_ONCE: Type.Integer({
    default: 200,
    minimum: 1,
    maximum: 5_000,
    description: 'calls to the provider that a process may have under way; a slow provider needs many to be used fully',
  }),
  PLATFORM_FEE_BASIS_POINTS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 5_000,
    description: "the marketplace's share of a price, in hundredths of a percent",
  }),
}

export type PaymentsBase = Omit<Service<typeof config, never>, 'parts'>
