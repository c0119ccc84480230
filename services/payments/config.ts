// The configuration of payments.

import { Type } from 'typebox'

export const config = {
  STRIPE_SECRET_KEY: Type.String({ pattern: '^(sk|rk)_(test|live)_\\w+$', description: "the provider's secret key" }),
  STRIPE_WEBHOOK_SECRETS: Type.String({
    pattern: '^whsec_\\w+( *, *whsec_\\w+)*$',
    description: 'the secret that signs webhooks; two, comma-separated, during a rotation',
  }),
  STRIPE_API_HOST: Type.Optional(Type.String({ description: 'host of the sandbox; by default calls go to Stripe' })),
  STRIPE_API_PORT: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: 'port of the sandbox' })),
  PROVIDER_CALLS_PER_SECOND: Type.Integer({
    default: 25,
    minimum: 1,
    maximum: 10_000,
    description: 'calls to the provider per second, across all replicas; Stripe allows 25 in test mode',
  }),
  PAY_BY_TOKEN: Type.Optional(
    Type.Enum(['on', 'off'], {
      description:
        'whether POST /api/payments accepts a card’s token, or only the provider’s page takes cards; by default on, but off in production',
    }),
  ),
  DECLINES_PER_BUYER: Type.Integer({
    default: 6,
    minimum: 1,
    maximum: 1_000_000,
    description: 'declined cards per buyer and hour, after which only the provider’s page takes cards',
  }),
  PAGE_DECLINES_PER_BUYER: Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 1_000_000,
    description: 'declined cards per buyer and hour, after which no card is accepted',
  }),
  DECLINES_PER_ADDRESS: Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'declined cards per client address and hour, after which only the provider’s page takes its cards; unlimited with RATE_LIMIT=off',
  }),
  PROVIDER_CALLS_AT_ONCE: Type.Integer({
    default: 200,
    minimum: 1,
    maximum: 5_000,
    description: 'concurrent calls to the provider per process; a slow provider needs many',
  }),
  PLATFORM_FEE_BASIS_POINTS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 5_000,
    description: "the marketplace's share of a price, in hundredths of a percent",
  }),
}
