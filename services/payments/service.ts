// payments: decides nothing about an order. It authorises, asks orders, then captures or voids.

import { defineService } from '@aisle/kit/boot/service'
import { authorizeCard } from './calls/authorize-card.ts'
import { capturePayment } from './calls/capture-payment.ts'
import { endPage } from './calls/end-page.ts'
import { openPage } from './calls/open-page.ts'
import { refundBuyer } from './calls/refund-buyer.ts'
import { voidAuthorization } from './calls/void-authorization.ts'
import { config } from './config.ts'
import type { Parts } from './context.ts'
import { forgetDeclines } from './declines.ts'
import { compareNow } from './features/compare-books.ts'
import { eraseUser } from './features/erase-user.ts'
import { captureAccepted, followOrder, voidForUnknown, voidPayment } from './features/follow-order.ts'
import { hearProvider } from './features/hear-provider.ts'
import { payOrder } from './features/pay-order.ts'
import { refreshPayment } from './features/refresh-payment.ts'
import { refundPayment } from './features/refund-payment.ts'
import { showBalance } from './features/show-balance.ts'
import { paymentsOfOrder, showPayment } from './features/show-payments.ts'
import { refundsOfOrders } from './features/show-refunds.ts'
import { mySales } from './features/show-sales.ts'
import { paymentStory } from './features/show-story.ts'
import { holds } from './holds.ts'
import { addUpBalances } from './jobs/add-up-balances.ts'
import { adoptCalls } from './jobs/adopt-calls.ts'
import { keepWindows } from './jobs/keep-window.ts'
import { askNightly, compareNightly } from './jobs/nightly.ts'
import { forgetComparisons, lookAtPayments } from './jobs/sweep.ts'
import { createMeters } from './meters.ts'
import { everyPayment } from './snapshot.ts'
import { createProvider } from './stripe/client.ts'
import { followWebhook } from './stripe/follow-webhooks.ts'
import { createPace } from './stripe/pace.ts'

export const payments = defineService<typeof config, Parts>({
  name: 'payments',
  description: 'Money: authorise, ask orders, then capture or void; refunds.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts(service) {
    const { config, db, metrics, clock } = service
    const provider = createProvider({
      secretKey: config.STRIPE_SECRET_KEY,
      host: config.STRIPE_API_HOST,
      port: config.STRIPE_API_PORT,
      environment: config.ENVIRONMENT,
      pace: createPace(db.sql, config.PROVIDER_CALLS_PER_SECOND),
    })
    return { provider, meters: createMeters(metrics, db.sql, () => clock.now()) }
  },
  routes: [
    payOrder,
    showBalance,
    showPayment,
    paymentsOfOrder,
    refreshPayment,
    refundPayment,
    refundsOfOrders,
    hearProvider,
    compareNow,
    mySales,
    paymentStory,
  ],
  snapshot: [everyPayment],
  holds,
  reactions: [...followOrder, captureAccepted, voidPayment, voidForUnknown, ...eraseUser],
  work: [
    authorizeCard,
    openPage,
    endPage,
    capturePayment,
    voidAuthorization,
    refundBuyer,
    followWebhook,
    compareNightly,
  ],
  jobs: [keepWindows, lookAtPayments, askNightly, adoptCalls, forgetComparisons, forgetDeclines, addUpBalances],
})
