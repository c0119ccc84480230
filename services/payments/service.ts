// payments: decides nothing about an order. It authorises, asks orders, then captures or voids.

import { defineService } from '@aisle/kit/service'
import { config, type Parts } from './context.ts'
import { capturePayment, followOrder, voidPayment } from './features/follow-order.ts'
import { payOrder } from './features/pay-order.ts'
import { refundPayment } from './features/refund-payment.ts'
import { paymentsOfOrder, showPayment } from './features/show-payments.ts'
import { createProvider } from './provider.ts'
import { createCallWorker } from './provider-calls.ts'
import { finishAuthorizations, followRefunds, repeatCalls } from './sweep.ts'

export const payments = defineService<typeof config, Parts>({
  name: 'payments',
  description: 'Money: authorise, ask orders, then capture or void; refunds.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts(service) {
    const { STRIPE_SECRET_KEY, STRIPE_API_HOST, STRIPE_API_PORT, ENVIRONMENT } = service.config
    const provider = createProvider({
      secretKey: STRIPE_SECRET_KEY,
      host: STRIPE_API_HOST,
      port: STRIPE_API_PORT,
      production: ENVIRONMENT === 'production',
    })
    return { provider, calls: createCallWorker(service, provider) }
  },
  drain: ({ parts }) => parts.calls.drain(),
  routes: [payOrder, showPayment, paymentsOfOrder, refundPayment],
  reactions: [...followOrder, capturePayment, voidPayment],
  jobs: [repeatCalls, followRefunds, finishAuthorizations],
})
