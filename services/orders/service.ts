// orders: the sole authority on whether a buyer gets a ticket.

import { defineService } from '@aisle/kit/boot/service'
import { createBell } from '@aisle/kit/time/bell'
import { cancelOfBanned } from './cancel-of-banned.ts'
import { config, type Parts } from './context.ts'
import { browseOrders, orderStory } from './features/browse-orders.ts'
import { cancelAsAdmin } from './features/cancel-as-admin.ts'
import { cancelOrder } from './features/cancel-order.ts'
import {
  acceptPayment,
  completeOrder,
  confirmHold,
  expireOrder,
  extendOrder,
  failPayment,
  refundOrder,
  refuseHold,
  undoRefund,
} from './features/decide-order.ts'
import { eraseUser } from './features/erase-user.ts'
import { followTicket } from './features/follow-ticket.ts'
import { followUser } from './features/follow-user.ts'
import { reserveTicket } from './features/reserve-ticket.ts'
import { liveOrder, myOrders, showOrder } from './features/show-orders.ts'
import { forgetSteps } from './forget-steps.ts'
import { holds } from './holds.ts'
import { addMeters } from './meters.ts'
import { numberOrders } from './number-orders.ts'
import { resetWindows } from './reset-windows.ts'
import { everyOrder } from './snapshot.ts'

export const orders = defineService<typeof config, Parts>({
  name: 'orders',
  description: 'Who gets a ticket: reservations and their fate.',
  config,
  migrations: new URL('./migrations/', import.meta.url),
  async parts({ metrics, db, clock }) {
    addMeters(metrics, db.sql, () => clock.now())
    return { bans: createBell() }
  },
  routes: [reserveTicket, myOrders, showOrder, liveOrder, cancelOrder, browseOrders, orderStory, cancelAsAdmin],
  topicsOf: ({ subject }) => [subject],
  snapshot: [everyOrder],
  holds,
  reactions: [
    ...followTicket,
    ...followUser,
    ...eraseUser,
    confirmHold,
    refuseHold,
    expireOrder,
    extendOrder,
    acceptPayment,
    completeOrder,
    failPayment,
    refundOrder,
    undoRefund,
  ],
  jobs: [resetWindows, forgetSteps, cancelOfBanned, numberOrders],
})
