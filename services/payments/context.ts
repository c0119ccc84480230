import type { Service } from '@aisle/kit/service'
import { Type } from 'typebox'
import type { Provider } from './provider.ts'
import type { CallWorker } from './provider-calls.ts'

export const config = {
  STRIPE_SECRET_KEY: Type.String({ pattern: '^(sk|rk)_(test|live)_\\w+$', description: "the provider's secret key" }),
  STRIPE_API_HOST: Type.Optional(Type.String({ description: 'host of the sandbox; without it calls go to Stripe' })),
  STRIPE_API_PORT: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description: 'port of the sandbox' })),
  ENVIRONMENT: Type.Enum(['development', 'production'], {
    default: 'development',
    description: 'production refuses the sandbox',
  }),
}

export type PaymentsBase = Omit<Service<typeof config, never>, 'parts'>
export type Parts = { provider: Provider; calls: CallWorker }
export type PaymentsService = Service<typeof config, Parts>
